import RiskModel
import RiskTestKit
import Testing

@testable import Store

@Suite struct MarkBlockTests {
  private let start = Instant(nanosSinceEpoch: 1_758_000_000_123_456_789)

  private func entry(_ contract: Int, _ field: UInt8, _ nanos: Int64, _ offset: Int64)
    -> MarkBlock.Entry
  {
    MarkBlock.Entry(
      contractNumber: contract, field: field, price: Price(nanos: nanos),
      at: Instant(nanosSinceEpoch: start.nanosSinceEpoch &+ offset))
  }

  private func block(_ entries: [MarkBlock.Entry]) -> MarkBlock {
    var block = MarkBlock()
    for entry in entries { block.append(entry) }
    return block
  }

  @Test func theBytesAreAsSpecified() {
    let block = block([
      entry(0, 0, 21_000_250_000_000, 0), entry(1, 2, 6_500_000_000_000, 300),
      entry(0, 0, 21_000_000_000_000, 299),
    ])
    #expect(
      block.encoded(at: start) == [
        1, 7,  // format, units of 10^7
        0, 0, 0xF2, 0xAC, 0x80, 0x02,  // contract 0 field 0, +0 ns, 2100025
        6, 0xD8, 0x04, 0xA0, 0xAC, 0x4F,  // contract 1 field 2, +300 ns, 650000
        0, 1, 0x31,  // contract 0 field 0, -1 ns, -25
      ])
  }

  @Test(
    arguments: [
      [(0, 0, 0)], [(0, 0, 1)], [(0, 3, -1)], [(5, 1, Int64.max), (5, 1, Int64.min)],
      [(9_999_999, 2, 5_000_000_000), (9_999_999, 2, -5_000_000_000), (0, 2, 500)],
      [(1, 0, Int64.min), (1, 0, 1), (1, 0, Int64.max)],
    ] as [[(Int, UInt8, Int64)]])
  func anyPriceIsReadBack(_ marks: [(Int, UInt8, Int64)]) throws {
    let block = block(marks.map { entry($0.0, $0.1, $0.2, 0) })
    #expect(try MarkBlock(block.encoded(at: start), at: start) == block)
  }

  @Test(arguments: [0, 1, -1, Int64.max, Int64.min, -86_400_000_000_000] as [Int64])
  func anyInstantIsReadBack(_ offset: Int64) throws {
    let block = block([entry(0, 0, 1, offset), entry(0, 0, 1, 0 &- offset), entry(0, 0, 1, 7)])
    #expect(try MarkBlock(block.encoded(at: start), at: start) == block)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func aMixtureOfContractsTakesLessThanTwelveBytesAMark(seed: UInt64) throws {
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let ticks: [Int64] = [250_000_000, 10_000_000, 500, 1_000_000_000]
    var prices: [Int64] = [21_000_250_000_000, 65_430_000_000, 6_843_500, 42_000_000_000_000]
    var bytes = 0
    var marks = 0
    var offset: Int64 = 0
    for _ in 0..<200 {
      var block = MarkBlock()
      let first = start + TimeSpan(nanos: offset)
      while !block.isFull {
        let contract = Int.random(in: 0...3, using: &random)
        prices[contract] += ticks[contract] * Int64.random(in: -3...3, using: &random)
        block.append(
          MarkBlock.Entry(
            contractNumber: contract, field: UInt8.random(in: 0...2, using: &random),
            price: Price(nanos: prices[contract]), at: start + TimeSpan(nanos: offset)))
        offset += Int64.random(in: 100_000...900_000_000, using: &random)
      }
      let encoded = block.encoded(at: first)
      #expect(try MarkBlock(encoded, at: first) == block)
      bytes += encoded.count
      marks += block.entries.count
    }
    print("\(bytes) bytes for \(marks) marks")
    #expect(bytes < marks * 12)
  }

  @Test func aSingleContractTakesLessThanEightBytesAMark() {
    var block = MarkBlock()
    for index in 0..<64 {
      block.append(
        entry(0, 0, 21_000_250_000_000 + Int64(index % 5) * 250_000_000, Int64(index) * 99_999_999))
    }
    #expect(block.encoded(at: start).count < 64 * 8)
  }

  @Test func theWorstMarksTakeThirtyBytes() {
    var entries: [MarkBlock.Entry] = []
    for index in 0..<64 {
      let isEven = index.isMultiple(of: 2)
      entries.append(
        entry(Int.max >> 2, 3, isEven ? Int64.max : 0, isEven ? Int64.min : 0))
    }
    #expect(block(entries).encoded(at: start).count <= 2 + 64 * 30)
  }

  @Test(
    arguments: [
      ([], .format(nil)),
      ([2, 0, 0, 0, 0], .format(2)),
      ([1], .unit(nil)),
      ([1, 10, 0, 0, 0], .unit(10)),
      ([1, 0], .count(0)),
      ([1, 0, 0], .truncated(mark: 0)),
      ([1, 0, 0, 0], .truncated(mark: 0)),
      ([1, 0, 0, 0, 0x80], .truncated(mark: 0)),
      ([1, 0, 0, 0, 0, 0, 0], .truncated(mark: 1)),
      (
        [1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x81, 0, 0],
        .truncated(mark: 0)
      ),
      ([1, 0] + [UInt8](repeating: 0, count: 65 * 3), .count(65)),
    ] as [([UInt8], MarkBlock.Fault)])
  func bytesThatAreNoBlockAreRefused(_ bytes: [UInt8], _ fault: MarkBlock.Fault) {
    #expect(throws: fault) { try MarkBlock(bytes, at: start) }
    #expect(fault.description.hasPrefix("mark block "))
  }

  @Test(arguments: [21, 22] as [UInt64])
  func randomBytesNeverHarm(seed: UInt64) {
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    for _ in 0..<3_000 {
      let bytes: [UInt8] =
        [1, UInt8.random(in: 0...9, using: &random)]
        + (0..<Int.random(in: 0...60, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
      do throws(MarkBlock.Fault) {
        #expect(try MarkBlock(bytes, at: start).entries.count <= 64)
      } catch {
        #expect(!error.description.isEmpty)
      }
    }
  }
}
