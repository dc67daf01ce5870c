import Glibc
import Logging
import PeerProtocol
import ProcessControl
import RiskModel
import Testing

@testable import Telemetry

/// What a process tells the monitor, through real pipes.
@Suite struct TelemetryOutletTests {
  /// The monitor's end of a pipe.
  private final class Reader {
    let writeEnd: Int32
    private let readEnd: Int32
    private var decoder = FrameDecoder()

    init(capacity: Int = 65_536) throws {
      let pipe = try PipePair.make(capacity: capacity)
      (readEnd, writeEnd) = (pipe.readEnd.release(), pipe.writeEnd.release())
    }

    func close() { _ = Glibc.close(readEnd) }

    func frames() throws -> [TelemetryFrame] {
      var frames: [TelemetryFrame] = []
      var bytes = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(readEnd, &bytes, bytes.count)
        guard count > 0 else { return frames }
        decoder.append(bytes[..<count])
        while let json = try decoder.next() {
          frames.append(try MessageCoder().decode(TelemetryFrame.self, from: json))
        }
      }
    }

    /// Waits until so many have come.
    func frames(_ count: Int) throws -> [TelemetryFrame] {
      var frames: [TelemetryFrame] = []
      for _ in 0..<10_000 where frames.count < count {
        frames += try self.frames()
        usleep(1_000)
      }
      return frames
    }
  }

  private let start = Instant(secondsSinceEpoch: 1_763_735_400)

  private func news(_ number: Int) -> TelemetryMessage {
    .news(topic: "n", body: "\(number)")
  }

  @Test func `what is told comes in order, also what was told before there was a pipe`() throws {
    let outlet = TelemetryOutlet(startedAt: start)
    defer { outlet.close() }
    for number in 0..<10 { outlet.emit(news(number)) }
    let reader = try Reader()
    outlet.connect(descriptor: reader.writeEnd)
    for number in 10..<20 { outlet.emit(news(number)) }
    let frames = try reader.frames(20)
    #expect(frames.map(\.message) == (0..<20).map(news))
    #expect(frames.allSatisfy { $0.startedAt == start.nanosSinceEpoch })
    reader.close()
  }

  @Test func `a monitor that does not read holds nobody up, and learns what it missed`() throws {
    let outlet = TelemetryOutlet(startedAt: start, entries: 16)
    defer { outlet.close() }
    let reader = try Reader(capacity: 4_096)
    outlet.connect(descriptor: reader.writeEnd)
    let body = String(repeating: "x", count: 1_000)
    for _ in 0..<200 { outlet.emit(.news(topic: "n", body: body)) }
    #expect(outlet.droppedEntries > 150)
    var came = 0
    var missed: Int64 = 0
    for _ in 0..<5_000 where Int64(came) + missed < 200 {
      for frame in try reader.frames() {
        if case .missed(let count) = frame.message { missed += count } else { came += 1 }
      }
      usleep(1_000)
    }
    #expect(Int64(came) + missed == 200)
    #expect(missed == outlet.droppedEntries)
    reader.close()
  }

  @Test func `what nobody read of a pipe is told as missed on the next one`() throws {
    let outlet = TelemetryOutlet(startedAt: start)
    defer { outlet.close() }
    let first = try Reader()
    outlet.connect(descriptor: first.writeEnd)
    for number in 0..<3 { outlet.emit(news(number)) }
    #expect(try first.frames(3).count == 3)
    for number in 3..<8 { outlet.emit(news(number)) }
    for _ in 0..<10_000 where outlet.writtenEntries < 8 { usleep(1_000) }
    first.close()
    // The next one finds that nobody reads; it is not lost itself.
    outlet.emit(news(8))
    for _ in 0..<10_000 where outlet.droppedEntries == 0 { usleep(1_000) }
    let second = try Reader()
    outlet.connect(descriptor: second.writeEnd)
    #expect(try second.frames(2).map(\.message) == [.missed(5), news(8)])
    second.close()
  }

  @Test func `a fresh pipe takes the place of one that is full`() throws {
    let outlet = TelemetryOutlet(startedAt: start)
    defer { outlet.close() }
    let full = try Reader(capacity: 4_096)
    outlet.connect(descriptor: full.writeEnd)
    let body = String(repeating: "x", count: 3_000)
    for _ in 0..<4 { outlet.emit(.news(topic: "n", body: body)) }
    for _ in 0..<10_000 where outlet.writtenEntries < 1 { usleep(1_000) }
    let fresh = try Reader()
    outlet.connect(descriptor: fresh.writeEnd)
    // A frame that had begun on the full one begins again.
    #expect(try fresh.frames(2).allSatisfy { $0.message == .news(topic: "n", body: body) })
    full.close()
    fresh.close()
  }

  @Test func `what a frame cannot carry is left out`() throws {
    let outlet = TelemetryOutlet(startedAt: start)
    defer { outlet.close() }
    let reader = try Reader()
    outlet.connect(descriptor: reader.writeEnd)
    outlet.emit(.news(topic: "n", body: String(repeating: "x", count: 300_000)))
    outlet.emit(news(1))
    #expect(try reader.frames(2).map(\.message) == [.missed(1), news(1)])
    reader.close()
  }

  @Test func `records come rendered, cut and redacted`() throws {
    struct Key: Redacted {}
    let outlet = TelemetryOutlet(startedAt: start)
    defer { outlet.close() }
    let reader = try Reader()
    outlet.connect(descriptor: reader.writeEnd)
    let output = TelemetryOutput(
      worker: "gateway", level: .info, format: .json, withSeverity: false,
      sink: LineSink(descriptor: open("/dev/null", O_WRONLY)), outlet: outlet,
      now: { Instant(secondsSinceEpoch: 7) })
    var logger = Logger(label: "gateway") { _ in TelemetryHandler(output) }
    logger[metadataKey: "account"] = "1001"
    logger.error(
      "Trouble",
      metadata: [
        "message_id": "abc", "key": .stringConvertible(Key()), "list": ["a", "b"],
        "long": "\(String(repeating: "y", count: 2_000))",
      ])
    logger.debug("not for anybody")
    let frames = try reader.frames(1)
    guard case .log(let record)? = frames.first?.message else {
      Issue.record("\(frames)")
      return
    }
    #expect(record.at == Instant(secondsSinceEpoch: 7))
    #expect(record.level == .error && record.logger == "gateway" && record.message == "Trouble")
    #expect(record.messageID == "abc")
    #expect(record.context["key"] == "<redacted>" && record.context["list"] == "[a, b]")
    #expect(record.context["account"] == "1001")
    #expect(record.context["long"]?.utf8.count == 1_027)
    reader.close()
  }

  @Test func `vitals are told by themselves`() throws {
    let outlet = TelemetryOutlet(startedAt: start, vitals: { ProcessVitals.figures() })
    defer { outlet.close() }
    let reader = try Reader()
    outlet.connect(descriptor: reader.writeEnd)
    guard case .reading(let reading)? = try reader.frames(1).first?.message else {
      Issue.record("no reading")
      return
    }
    #expect(reading.figures["pssKiB"] ?? 0 > 100)
    #expect(reading.figures["cpuMicroseconds"] ?? -1 >= 0)
    #expect(ProcessVitals.proportionalKibibytes("nothing") == nil)
    reader.close()
  }

  @Test func `after the end nothing is taken`() throws {
    let outlet = TelemetryOutlet(startedAt: start)
    outlet.close()
    let reader = try Reader()
    outlet.connect(descriptor: reader.writeEnd)
    outlet.emit(news(1))
    outlet.flush(milliseconds: 20)
    #expect(outlet.writtenEntries == 0)
    #expect(write(reader.writeEnd, "x", 1) < 0)
    reader.close()
  }
}
