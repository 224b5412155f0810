import SpanKitCLI

await SpanKitCommand.start()
