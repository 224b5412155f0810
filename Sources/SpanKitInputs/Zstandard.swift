import SpanKitPlatform

/// Decompresses a zstd stream (RFC 8878) of one or more frames piece by piece, with the system's libzstd.
///
/// The library is loaded when the first zstd stream is read, so programs also run if it is not installed. An instance
/// must be used by one thread at a time.
final class Zstandard {
    /// The reason why a stream cannot be read any further.
    struct Failure: Error {
        var reason: String
    }

    /// The magic number of a frame.
    static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

    /// Whether the bytes may be the start of a stream: a frame, or a skippable frame (RFC 8878, §3.1.2), as from pzstd.
    static func isStart(_ bytes: [UInt8]) -> Bool {
        guard let first = bytes.first else { return true }
        let magic = 0x50..<0x60 ~= first ? [first, 0x2A, 0x4D, 0x18] : magic
        return magic.starts(with: bytes.prefix(4))
    }

    private let library: ZstandardLibrary
    private let stream: UnsafeMutableRawPointer
    /// Whether the input may end here because no frame is open.
    private(set) var isBetweenFrames = true
    private static let outputBytes = 128 * 1_024
    private var input: [UInt8] = []
    private var place = 0
    private var isFull = false
    /// The error that the next call throws. The bytes before the damage are returned first.
    private var damage: Failure?

    /// - Parameter library: The library; `nil` if libzstd is not installed.
    init(library: ZstandardLibrary? = .shared) throws(Failure) {
        guard let library else {
            throw Failure(
                reason: "is compressed with zstd, and libzstd cannot be loaded; install the Debian package libzstd1, "
                    + "or decompress the input with `zstd -d`"
            )
        }
        guard let stream = library.create() else { throw Failure(reason: "zstd could not allocate memory") }
        self.library = library
        self.stream = stream
    }

    deinit { _ = library.free(stream) }

    /// Adds compressed bytes.
    func append(_ bytes: some Sequence<UInt8>) {
        input.removeFirst(place)
        place = 0
        input.append(contentsOf: bytes)
    }

    /// Returns the next decompressed bytes; `nil` if more input is needed.
    /// - Throws: ``Failure`` if the stream is damaged. The bytes before the damage are returned first.
    func next() throws(Failure) -> [UInt8]? {
        // If the output buffer is full, there may be more output, even without more input.
        while damage == nil, place < input.count || isFull {
            var code = 0
            let piece = input.withUnsafeBytes { source in
                [UInt8](unsafeUninitializedCapacity: Self.outputBytes) { buffer, count in
                    var from = ZstandardLibrary.Input(start: source.baseAddress, count: source.count, place: place)
                    var to = ZstandardLibrary.Output(start: buffer.baseAddress, count: buffer.count, place: 0)
                    code = library.decompress(stream, &to, &from)
                    place = from.place
                    count = to.place
                }
            }
            isFull = piece.count == Self.outputBytes
            isBetweenFrames = code == 0
            if library.isError(code) != 0 {
                damage = Failure(reason: "the zstd stream is damaged (\(library.message(code)))")
            }
            if !piece.isEmpty { return piece }
        }
        if let damage { throw damage }
        return nil
    }

    /// Decompresses frames that are completely in memory.
    /// - Parameter limit: The maximum number of decompressed bytes. Throws if there are more.
    static func decompress(_ bytes: ArraySlice<UInt8>, limit: Int) throws(Failure) -> [UInt8] {
        let stream = try Zstandard()
        stream.append(bytes)
        var content: [UInt8] = []
        while let piece = try stream.next() {
            content += piece
            guard content.count <= limit else {
                throw Failure(reason: "has more than \(limit) bytes when decompressed")
            }
        }
        guard stream.isBetweenFrames else { throw Failure(reason: "the zstd stream is cut off") }
        return content
    }
}

/// Functions of libzstd, looked up by their names.
///
/// Invariants: a function has the type that `zstd.h` declares since version 1.0; the library is never unloaded. `Input` and
/// `Output` are laid out as `ZSTD_inBuffer` and `ZSTD_outBuffer`: three words in this order.
struct ZstandardLibrary: @unchecked Sendable {
    struct Input {
        var start: UnsafeRawPointer?
        var count: Int
        var place: Int
    }

    struct Output {
        var start: UnsafeMutableRawPointer?
        var count: Int
        var place: Int
    }

    let create: @convention(c) () -> UnsafeMutableRawPointer?
    let free: @convention(c) (UnsafeMutableRawPointer) -> Int
    let isError: @convention(c) (Int) -> UInt32
    private let step: @convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int
    private let name: @convention(c) (Int) -> UnsafePointer<CChar>?

    /// The system's library; `nil` if it is not installed.
    static let shared = ZstandardLibrary(["libzstd.so.1", "libzstd.1.dylib"])

    init?(_ names: [String]) {
        for name in names {
            guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { continue }
            guard let create = dlsym(library, "ZSTD_createDStream"), let free = dlsym(library, "ZSTD_freeDStream"),
                let step = dlsym(library, "ZSTD_decompressStream"), let isError = dlsym(library, "ZSTD_isError"),
                let message = dlsym(library, "ZSTD_getErrorName")
            else { continue }
            self.create = unsafeBitCast(create, to: (@convention(c) () -> UnsafeMutableRawPointer?).self)
            self.free = unsafeBitCast(free, to: (@convention(c) (UnsafeMutableRawPointer) -> Int).self)
            self.isError = unsafeBitCast(isError, to: (@convention(c) (Int) -> UInt32).self)
            self.step = unsafeBitCast(
                step,
                to: (@convention(c) (UnsafeMutableRawPointer, UnsafeMutableRawPointer, UnsafeMutableRawPointer) -> Int)
                    .self
            )
            self.name = unsafeBitCast(message, to: (@convention(c) (Int) -> UnsafePointer<CChar>?).self)
            return
        }
        return nil
    }

    /// Decompresses the next bytes.
    /// - Returns: 0 at the end of a frame, an error, or the suggested size of the next input.
    func decompress(_ stream: UnsafeMutableRawPointer, _ output: inout Output, _ input: inout Input) -> Int {
        step(stream, &output, &input)
    }

    func message(_ code: Int) -> String { name(code).map { String(cString: $0) } ?? "error \(code)" }
}
