import Glibc
import ProcessControl

/// What two processes take at least to say something to each other and back: 512 bytes through a
/// pair of pipes and `cat`.
package enum PipeFloor {
  private static let echo = "/bin/cat"
  /// In milliseconds; `cat` is there long before.
  private static let startLimit: Int32 = 5_000

  package static func measure(
    _ rounds: Rounds, size: Int = 512
  ) throws(BenchmarkError) -> Percentiles {
    do {
      // A peer that is gone is an error here, not the end of this process.
      try SignalSource.ignore(SIGPIPE)
      let there = try PipePair.make(capacity: 65_536)
      let back = try PipePair.make(capacity: 65_536)
      // cat opens the pipe anew, without this side's O_NONBLOCK.
      let child = try ChildProcess.spawn(
        ChildLaunch(
          executable: echo, arguments: ["/proc/self/fd/3"], control: there.readEnd,
          output: back.writeEnd))
      there.readEnd.close()
      back.writeEnd.close()
      defer {
        there.writeEnd.close()
        child.endNow()
      }
      let peer = EchoPeer(to: there.writeEnd, from: back.readEnd, size: size)
      try peer.awaitStart()
      return try rounds.measure { () throws(BenchmarkError) in try peer.exchange() }
    } catch let error as BenchmarkError {
      throw error
    } catch {
      throw .processFailed("\(echo): \(error)")
    }
  }

  private final class EchoPeer {
    private let output: Descriptor
    private let input: Descriptor
    private let message: [UInt8]
    private var answer: [UInt8]

    init(to output: Descriptor, from input: Descriptor, size: Int) {
      self.output = output
      self.input = input
      message = [UInt8](repeating: 0x61, count: size)
      answer = [UInt8](repeating: 0, count: size)
      clearNonBlocking(output)
      clearNonBlocking(input)
    }

    private func clearNonBlocking(_ descriptor: Descriptor) {
      _ = fcntl(descriptor.number, F_SETFL, 0)
    }

    func awaitStart() throws(BenchmarkError) {
      try send()
      var state = pollfd(fd: input.number, events: Int16(POLLIN), revents: 0)
      guard poll(&state, 1, PipeFloor.startLimit) == 1 else {
        throw .timedOut("the first answer of \(PipeFloor.echo)")
      }
      try receive()
    }

    func exchange() throws(BenchmarkError) {
      try send()
      try receive()
    }

    private func send() throws(BenchmarkError) {
      guard write(output.number, message, message.count) == message.count else {
        throw .processFailed("\(PipeFloor.echo) does not take what it is sent")
      }
    }

    private func receive() throws(BenchmarkError) {
      var received = 0
      while received < message.count {
        let count = answer.withUnsafeMutableBytes {
          read(input.number, $0.baseAddress, $0.count)
        }
        guard count > 0 else {
          throw .processFailed("\(PipeFloor.echo) does not answer")
        }
        received += count
      }
    }
  }
}
