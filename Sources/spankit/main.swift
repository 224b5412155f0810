import SpanKitCLI

SpanKitCommand.start()
