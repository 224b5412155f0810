/// The exact arithmetic of OpenTelemetry's base-2 exponential buckets.
///
/// Bucket `i` at scale `s` holds the values in (B^i, B^(i+1)] with B = 2^(2^-s)
/// (OpenTelemetry metrics data model, "Exponential Scale"). All results are exact: boundaries are compared in 1.127
/// fixed point, and no boundary of the scales 1…20 is closer than 2^-78 to a 53-bit number.
package enum BucketIndex {
    /// The scales that OpenTelemetry allows.
    package static let scales = -10...20

    /// 2^(2^-k) for k = 0…20 in 1.127 fixed point. The first one does not fit and is never used.
    private static let roots: [UInt128] = {
        var roots: [UInt128] = [0]
        // The square of 2^(1/2) is 2 = 2^128 in 1.127; as a 256-bit number over 2^254 that is 2^255.
        var squareHigh: UInt128 = 1 << 127
        var squareLow: UInt128 = 0
        for _ in 1...scales.upperBound {
            let root = squareRoot(high: squareHigh, low: squareLow)
            roots.append(root)
            squareHigh = root >> 1
            squareLow = root << 127
        }
        return roots
    }()

    /// The integer square root of a 256-bit number, computed one bit at a time.
    private static func squareRoot(high: UInt128, low: UInt128) -> UInt128 {
        var root: UInt128 = 0
        for bit in stride(from: 127, through: 0, by: -1) {
            let candidate = root | (1 << UInt128(bit))
            let square = candidate.multipliedFullWidth(by: candidate)
            if square.high < high || (square.high == high && square.low <= low) { root = candidate }
        }
        return root
    }

    private static func multiply(_ left: UInt128, _ right: UInt128) -> UInt128 {
        let product = left.multipliedFullWidth(by: right)
        return product.high << 1 | product.low >> 127
    }

    /// 2^(`step` / 2^`scale`) in 1.127 fixed point, 0 ≤ `step` < 2^`scale`, 0 ≤ `scale` ≤ 20.
    static func power(step: Int, scale: Int) -> UInt128 {
        scale <= 8 ? powersOfScale8[step << (8 - scale)] : computedPower(step: step, scale: scale)
    }

    private static let powersOfScale8: [UInt128] = (0..<256).map { computedPower(step: $0, scale: 8) }

    private static func computedPower(step: Int, scale: Int) -> UInt128 {
        var power: UInt128 = 1 << 127
        for bit in 0..<scale where step >> bit & 1 == 1 {
            power = multiply(power, roots[scale - bit])
        }
        return power
    }

    /// The largest step whose power of two passes `isBelow`. Step 0 has to pass.
    private static func largestStep(scale: Int, where isBelow: (UInt128) -> Bool) -> Int {
        var power: UInt128 = 1 << 127
        var step = 0
        for level in stride(from: 1, through: scale, by: 1) {
            let candidate = multiply(power, roots[level])
            step <<= 1
            if isBelow(candidate) {
                power = candidate
                step |= 1
            }
        }
        return step
    }

    /// The bucket of a number `significand` · 2^`exponent`, with the significand from 1 to 2 in 1.127 fixed point.
    package static func index(significand: UInt128, exponent: Int, scale: Int) -> Int {
        let fine = Swift.max(scale, 0)
        let start = exponent << fine
        let index = significand == 1 << 127 ? start - 1 : start | largestStep(scale: fine) { $0 < significand }
        return index >> (fine - scale)
    }

    /// The exact bucket of a whole number of nanoseconds from 1 on.
    package static func index(ofNanoseconds nanoseconds: UInt64, scale: Int, unit: BucketUnit) -> Int {
        assert(nanoseconds > 0 && scales.contains(scale))
        var exponent = 63 - nanoseconds.leadingZeroBitCount
        let significand = UInt128(nanoseconds) << UInt128(127 - exponent)
        guard unit == .seconds else { return index(significand: significand, exponent: exponent, scale: scale) }
        let fine = Swift.max(scale, 0)
        // Both sides are multiplied by 2^29, so that 10^9 / 2^29 = 1.86… stays a whole number.
        let first = FullWidth(product: 1 << 127, nanosecondsPerSecond)
        var value = FullWidth(significand, shiftedLeft: 29)
        exponent -= 29
        if value < first {
            value = FullWidth(significand, shiftedLeft: 30)
            exponent -= 1
        }
        let start = exponent << fine
        let index =
            value == first
            ? start - 1 : start | largestStep(scale: fine) { FullWidth(product: $0, nanosecondsPerSecond) < value }
        return index >> (fine - scale)
    }

    /// The lower boundary of a bucket in nanoseconds, and whether the `Double` is exact.
    ///
    /// If it is not, the true boundary is between it and the next larger `Double`.
    package static func lowerBoundary(
        of index: Int,
        scale: Int,
        unit: BucketUnit
    ) -> (nanoseconds: Double, isExact: Bool) {
        let fine = Swift.max(scale, 0)
        let (fineIndex, overflow) = index.multipliedReportingOverflow(by: 1 << (fine - scale))
        guard !overflow else { return (index < 0 ? 0 : .infinity, false) }
        let step = fineIndex & (1 << fine - 1)
        // Exponents outside this range exceed any Double. Clamping keeps the sums below in range.
        let exponent = Swift.min(Swift.max(fineIndex >> fine, -5_000), 5_000)
        let power = power(step: step, scale: fine)
        switch unit {
        case .nanoseconds:
            return (Double(sign: .plus, exponent: exponent - 52, significand: Double(UInt64(power >> 75))), step == 0)
        case .seconds:
            let product = FullWidth(product: power, nanosecondsPerSecond)
            let leading = product.high << 98 | product.low >> 30
            let shift = 75 - leading.leadingZeroBitCount
            let significand = Double(UInt64(leading >> UInt128(shift)))
            return (Double(sign: .plus, exponent: exponent + shift - 97, significand: significand), step == 0)
        }
    }

    /// The upper boundary of a bucket in nanoseconds, rounded up.
    static func upperBoundary(of index: Int, scale: Int, unit: BucketUnit) -> Double {
        let (boundary, isExact) = lowerBoundary(of: index + 1, scale: scale, unit: unit)
        return isExact ? boundary : boundary.nextUp
    }

    private static let nanosecondsPerSecond: UInt128 = 1_000_000_000

    /// A 256-bit number that can only be compared.
    private struct FullWidth: Comparable {
        var high: UInt128
        var low: UInt128

        init(product left: UInt128, _ right: UInt128) {
            (high, low) = left.multipliedFullWidth(by: right)
        }

        init(_ value: UInt128, shiftedLeft shift: UInt128) {
            high = value >> (128 - shift)
            low = value << shift
        }

        static func < (left: FullWidth, right: FullWidth) -> Bool {
            (left.high, left.low) < (right.high, right.low)
        }
    }
}
