import Testing

@testable import SpanKitPercentiles

@Suite("The index of a bucket is exact")
struct BucketIndexTests {
    @Test("for named numbers, subnormal to largest, at every scale")
    func named() throws {
        let rows = Vectors.root["otel_index_named"].array
        #expect(rows.count == 612)
        for row in rows {
            let value = Double(bitPattern: try #require(row["value_bits"].bits))
            let scale = try #require(row["scale"].int)
            #expect(BucketIndex.index(of: value, scale: scale) == row["index"].int, "\(value) at scale \(scale)")
        }
    }

    @Test("for powers of two, which belong to the bucket below, and their successors, which do not")
    func powersOfTwo() throws {
        let rows = Vectors.root["otel_index_powers_of_two"]["rows"].array
        #expect(rows.count == 370)
        for row in rows {
            let value = Double(sign: .plus, exponent: try #require(row[0].int), significand: 1)
            let scale = try #require(row[1].int)
            #expect(BucketIndex.index(of: value, scale: scale) == row[2].int, "\(value) at scale \(scale)")
            #expect(BucketIndex.index(of: value.nextUp, scale: scale) == row[3].int, "after \(value) at scale \(scale)")
        }
    }

    @Test("on both sides of every boundary of scale 8")
    func thresholds() throws {
        let thresholds = Vectors.root["otel_boundaries_scale8"]["threshold52"].array
        #expect(thresholds.count == 255)
        for (offset, threshold) in thresholds.enumerated() {
            let step = offset + 1
            let fraction = try #require(threshold.bits)
            let below = Double(bitPattern: 1023 << 52 | fraction)
            #expect(BucketIndex.index(of: below, scale: 8) == step - 1)
            #expect(BucketIndex.index(of: below.nextUp, scale: 8) == step)
            #expect(BucketIndex.lowerBoundary(of: step, scale: 8, unit: .nanoseconds).nanoseconds == below)
        }
    }

    @Test("for whole nanoseconds, with boundaries in nanoseconds and in seconds")
    func wholeNanoseconds() throws {
        let rows = Vectors.root["integer_ns_index"]["rows"].array
        #expect(rows.count == 630)
        for row in rows {
            let value = try #require(row[0].unsigned)
            let scale = try #require(row[1].int)
            #expect(BucketIndex.index(ofNanoseconds: value, scale: scale, unit: .nanoseconds) == row[2].int)
            #expect(BucketIndex.index(ofNanoseconds: value, scale: scale, unit: .seconds) == row[3].int)
        }
    }

    @Test("for random numbers in the whole range")
    func random() throws {
        let rows = Vectors.root["otel_index_random"]["rows"].array
        #expect(rows.count == 250)
        for row in rows {
            let value = Double(bitPattern: try #require(row[0].bits))
            let scale = try #require(row[1].int)
            #expect(BucketIndex.index(of: value, scale: scale) == row[2].int, "\(value) at scale \(scale)")
        }
    }

    @Test("a coarser scale shifts the index")
    func downscale() throws {
        let rows = Vectors.root["downscale_index"]["rows"].array
        #expect(rows.count == 55)
        for row in rows {
            let (scale, index) = (try #require(row[0].int), try #require(row[1].int))
            let (steps, expected) = (try #require(row[2].int), try #require(row[3].int))
            let histogram = try ExponentialHistogram(
                scale: scale,
                unit: .nanoseconds,
                firstBucketIndex: index,
                bucketCounts: [3],
                sumNanoseconds: 0
            )
            let coarse = histogram.downscaled(by: steps)
            #expect(coarse.firstBucketIndex == expected)
            #expect(coarse.bucketCounts == [3])
            #expect(coarse.scale == scale - steps)
        }
    }

    @Test("the finest scale with at most 160 buckets is the vectors'")
    func idealScale() throws {
        let rows = Vectors.root["ideal_scale_maxsize160"]["rows"].array
        #expect(rows.count == 9)
        for row in rows {
            let (low, high) = (try #require(row[0].double), try #require(row[1].double))
            let finest = BucketIndex.scales.reversed().first { scale in
                BucketIndex.index(of: high, scale: scale) - BucketIndex.index(of: low, scale: scale) < 160
            }
            #expect(finest == row[2].int)
        }
    }

    @Test("the value at a boundary and the next larger one are in neighboring buckets")
    func boundaries() {
        for unit in BucketUnit.allCases {
            for scale in [0, 3, 7, 8, 20] {
                for index in stride(from: -30 << scale, to: 30 << scale, by: Swift.max(1, 61 << scale / 257)) {
                    let (boundary, isExact) = BucketIndex.lowerBoundary(of: index, scale: scale, unit: unit)
                    guard unit == .nanoseconds else {
                        #expect(boundary <= BucketIndex.upperBoundary(of: index - 1, scale: scale, unit: unit))
                        continue
                    }
                    #expect(BucketIndex.index(of: boundary, scale: scale) == index - 1)
                    #expect(BucketIndex.index(of: boundary.nextUp, scale: scale) == index)
                    #expect(isExact == (boundary.significand == 1))
                }
            }
        }
    }
}

extension BucketIndex {
    /// The bucket of any positive number, for the vectors; the engine only counts whole nanoseconds.
    fileprivate static func index(of value: Double, scale: Int) -> Int {
        // `significand` is in [1, 2) also for subnormal numbers, and scaling it by 2^52 is exact.
        let significand = UInt128(UInt64(value.significand * 0x1p52)) << 75
        return index(significand: significand, exponent: Int(value.exponent), scale: scale)
    }
}
