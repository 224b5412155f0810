import SpanKitRecording

/// Encoded names and keys, by their number in a source's string table. Each is encoded once and copied afterwards.
///
/// Only one thread at a time may use it. The string table limits how many fragments there can be.
struct FragmentCache: ~Copyable {
    private struct Place {
        var offset: UInt32
        var count: UInt32
    }

    private var places: [Place] = []
    private var bytes = Output(capacity: 4_096)
    /// For numbers that no string table has, from a damaged file.
    private var scratch = Output(capacity: 64)

    /// The largest number whose fragment is kept.
    static let largestNumber: UInt32 = 65_535

    /// Removes all fragments, because another source has other texts for the same numbers.
    mutating func removeAll() {
        places.removeAll(keepingCapacity: true)
        bytes.truncate(to: 0)
    }

    /// The fragment of a number, for ``Output/fragment(padded:)``. Calls `encode` the first time.
    @inline(__always)
    mutating func fragment(
        of number: UInt32,
        _ encode: (inout Output) -> Void
    ) -> UnsafeRawBufferPointer {
        if Int(number) < places.count {
            let place = places[Int(number)]
            if place.count > 0 { return slice(place) }
        }
        return make(number, encode)
    }

    @inline(__always)
    private func slice(_ place: Place) -> UnsafeRawBufferPointer {
        bytes.bytes(at: Int(place.offset), count: Int(place.count))
    }

    @inline(never)
    private mutating func make(_ number: UInt32, _ encode: (inout Output) -> Void) -> UnsafeRawBufferPointer {
        guard number <= Self.largestNumber else {
            scratch.truncate(to: 0)
            encode(&scratch)
            scratch.reserve(Output.padding)
            return scratch.bytes
        }
        while places.count <= Int(number) { places.append(Place(offset: 0, count: 0)) }
        let offset = bytes.count
        encode(&bytes)
        bytes.reserve(Output.padding)
        places[Int(number)] = Place(offset: UInt32(offset), count: UInt32(bytes.count - offset))
        return slice(places[Int(number)])
    }
}
