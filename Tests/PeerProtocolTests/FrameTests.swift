import RiskTestKit
import Testing

@testable import PeerProtocol

@Suite struct FrameTests {
  private func frame(_ json: String) -> [UInt8] {
    var bytes: [UInt8] = []
    FrameEncoder.append(Array(json.utf8), to: &bytes)
    return bytes
  }

  @Test func aFrameIsABigEndianLengthAndTheText() {
    #expect(frame("{}") == [0, 0, 0, 2, 0x7B, 0x7D])
    let long = String(repeating: "x", count: 0x1_02_03)
    #expect(frame(long).prefix(4) == [0, 1, 2, 3])
  }

  @Test func framesComeOutOfAnySplit() throws {
    let texts = ["{}", "{\"a\":1}", String(repeating: "y", count: 5_000), "{\"b\":2}"]
    let bytes = texts.flatMap(frame)
    for chunk in [1, 2, 3, 4, 5, 7, 100, 4_096, bytes.count] {
      var decoder = FrameDecoder()
      var found: [String] = []
      for start in stride(from: 0, to: bytes.count, by: chunk) {
        decoder.append(bytes[start..<min(start + chunk, bytes.count)])
        while let text = try decoder.next() {
          found.append(String(decoding: text, as: UTF8.self))
        }
      }
      #expect(found == texts)
      #expect(decoder.pendingBytes == 0)
    }
  }

  @Test func anIncompleteFrameIsPending() throws {
    var decoder = FrameDecoder()
    decoder.append(frame("{\"a\":1}").dropLast())
    #expect(try decoder.next() == nil)
    #expect(decoder.pendingBytes == 10)
  }

  @Test func theLargestFrameFits() throws {
    let text = [UInt8](repeating: UInt8(ascii: "z"), count: LinkLimits.frameBytes)
    var bytes: [UInt8] = []
    FrameEncoder.append(text, to: &bytes)
    var decoder = FrameDecoder()
    decoder.append(bytes)
    #expect(try decoder.next() == text)
  }

  @Test(arguments: [0, 1, 262_145, 574_234_658, UInt32.max])
  func aLengthOutOfBoundsIsRefusedBeforeItsBytesCome(_ length: UInt32) {
    var decoder = FrameDecoder()
    let bytes = (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) }
    decoder.append(bytes)
    let head = FrameHead(bytes)
    #expect(throws: LinkFault.length(length, head: head)) { try decoder.next() }
    #expect(throws: LinkFault.length(length, head: head)) { try decoder.next() }
  }

  @Test func aFaultShowsTheFirst64Bytes() {
    #expect(FrameHead([0, 1, 0xAB, 0x10]).hex == "0001ab10")
    #expect(FrameHead([UInt8](repeating: 0xFF, count: 1_000)).hex.count == 128)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8] as [UInt64])
  func randomBytesNeverHarm(seed: UInt64) {
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    for _ in 0..<300 {
      var decoder = FrameDecoder()
      var appended = 0
      var taken = 0
      reading: for _ in 0..<20 {
        var chunk = (0..<Int.random(in: 0...40, using: &random)).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
        if Bool.random(using: &random) { chunk = [0, 0, 0, 3] + chunk }
        decoder.append(chunk)
        appended += chunk.count
        do throws(LinkFault) {
          while let text = try decoder.next() {
            #expect((2...LinkLimits.frameBytes).contains(text.count))
            taken += 4 + text.count
          }
        } catch {
          #expect(error.poisonCode == "length")
          break reading
        }
        #expect(appended == taken + decoder.pendingBytes)
      }
    }
  }

  @Test(arguments: [11, 12, 13, 14] as [UInt64])
  func damagedFramesNeverHarm(seed: UInt64) {
    print("seed \(seed)")
    var random = SeededGenerator(seed: seed)
    let good = Envelope(
      kind: .message, linkEpoch: 3, producerEpoch: 17, sequence: 9,
      body: Array(
        "{\"watch\":{\"_0\":[\"CON.F.US.MNQ.Z25\",\"é\\u00e9\\n\"]},\"n\":[1.5e3,true,null]}".utf8))
    var bytes: [UInt8] = []
    good.append(to: &bytes)
    for _ in 0..<4_000 {
      var damaged = Array(bytes.dropFirst(4))
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: damaged.indices, using: &random)
        switch Int.random(in: 0...2, using: &random) {
        case 0: damaged[place] = UInt8.random(in: 0...255, using: &random)
        case 1: damaged.remove(at: place)
        default: damaged.insert(damaged[place], at: place)
        }
      }
      do throws(LinkFault) {
        let envelope = try Envelope.read(damaged)
        #expect(String(validating: envelope.body, as: UTF8.self) != nil)
      } catch {
        #expect(["utf8", "json", "envelope"].contains(error.poisonCode))
      }
    }
  }
}
