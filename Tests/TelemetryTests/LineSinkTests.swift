import Glibc
import Testing

@testable import Telemetry

/// Lines on real pipes, sockets and files.
struct LineSinkTests {
  /// Both ends of a channel; closed at the end of a test.
  final class Channel {
    private(set) var reader: Int32
    let writer: Int32

    init(isSocket: Bool = false) throws {
      var ends: [Int32] = [-1, -1]
      if isSocket {
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
      } else {
        try #require(pipe(&ends) == 0)
      }
      reader = ends[0]
      writer = ends[1]
      try #require(fcntl(reader, F_SETFL, O_NONBLOCK) == 0)
    }

    deinit {
      if reader >= 0 { close(reader) }
      close(writer)
    }

    func closeReader() {
      close(reader)
      reader = -1
    }

    /// Everything that is there to read.
    func drain() -> String {
      var bytes: [UInt8] = []
      var chunk = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = read(reader, &chunk, chunk.count)
        guard count > 0 else { break }
        bytes += chunk[..<count]
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  @Test(arguments: [false, true])
  func linesArrive(isSocket: Bool) throws {
    let channel = try Channel(isSocket: isSocket)
    let sink = LineSink(descriptor: channel.writer)
    sink.write(Array("one\n".utf8))
    sink.write(Array("two\n".utf8))
    #expect(channel.drain() == "one\ntwo\n")
    #expect(sink.droppedLines == 0)
  }

  /// The writing end blocks, as an inherited standard error does; the sink does not.
  @Test(arguments: [false, true])
  func aFullChannelDropsAndCounts(isSocket: Bool) throws {
    let channel = try Channel(isSocket: isSocket)
    let sink = LineSink(descriptor: channel.writer)
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: 4_095) + [UInt8(ascii: "\n")]
    var written = 0
    while sink.droppedLines == 0, written < 10_000 {
      sink.write(line)
      written += 1
    }
    #expect(sink.droppedLines == 1)
    sink.write(line)
    #expect(sink.droppedLines == 2)
    #expect(channel.drain().utf8.count >= (written - 1) * line.count)
    sink.write(line)
    #expect(sink.droppedLines == 2)
  }

  @Test(arguments: [false, true])
  func aReaderThatIsGoneDropsAndCounts(isSocket: Bool) throws {
    let channel = try Channel(isSocket: isSocket)
    let sink = LineSink(descriptor: channel.writer)
    channel.closeReader()
    sink.write(Array("lost\n".utf8))
    #expect(sink.droppedLines == 1)
  }

  @Test(arguments: [(false, 4_096), (true, 8_192)])
  func longestLine(isSocket: Bool, bytes: Int) throws {
    let channel = try Channel(isSocket: isSocket)
    #expect(LineSink(descriptor: channel.writer).mostBytes == bytes)
  }

  @Test func noDescriptorAtAll() {
    let sink = LineSink(descriptor: 1_000_000)
    sink.write(Array("lost\n".utf8))
    #expect(sink.droppedLines == 1)
  }

  @Test func dropsAreReportedOnceThereIsRoom() throws {
    let channel = try Channel()
    let sink = LineSink(descriptor: channel.writer)
    let report: (Int) -> [UInt8] = { Array("\($0) lost\n".utf8) }
    sink.reportDrops(report)
    #expect(channel.drain().isEmpty)
    let line = [UInt8](repeating: UInt8(ascii: "x"), count: 4_096)
    while sink.droppedLines < 3 { sink.write(line) }
    sink.reportDrops(report)
    #expect(!channel.drain().contains("lost"))
    sink.reportDrops(report)
    sink.reportDrops(report)
    #expect(channel.drain() == "3 lost\n")
    #expect(sink.droppedLines == 3)
  }
}
