import Dispatch
import Glibc
import ProcessControl
import RiskModel
import Testing

@Suite struct DescriptorTests {
  @Test func closingTwiceClosesOnce() throws {
    let pipe = try PipePair.make()
    pipe.writeEnd.close()
    #expect(!pipe.writeEnd.isOpen)
    pipe.writeEnd.close()
    #expect(try eventually { try text(from: pipe.readEnd) == nil })
  }

  @Test func theLastReferenceCloses() throws {
    let pipe = try PipePair.make()
    let readEnd = pipe.readEnd
    var writeEnd: Descriptor? = try pipe.writeEnd.duplicate()
    pipe.writeEnd.close()
    #expect(try text(from: readEnd) == "", "the duplicate keeps the pipe open")
    #expect(writeEnd.map { fcntl($0.number, F_GETFD) } == FD_CLOEXEC)
    writeEnd = nil
    #expect(try eventually { try text(from: readEnd) == nil })
  }

  @Test func manyThreadsCloseOnce() throws {
    for _ in 0..<50 {
      let pipe = try PipePair.make()
      let writeEnd = pipe.writeEnd
      DispatchQueue.concurrentPerform(iterations: 4) { _ in writeEnd.close() }
      #expect(try eventually { try text(from: pipe.readEnd) == nil })
    }
  }

  @Test func aReleasedDescriptorIsTheCallers() throws {
    let pipe = try PipePair.make()
    let number = pipe.writeEnd.release()
    #expect(!pipe.writeEnd.isOpen)
    #expect(try text(from: pipe.readEnd) == "", "still open")
    close(number)
    #expect(try eventually { try text(from: pipe.readEnd) == nil })
  }

  @Test func readsAndWritesTellWhatHappened() throws {
    signal(SIGPIPE, SIG_IGN)
    let pipe = try PipePair.make(capacity: 4_096)
    #expect(try writeBlock(to: pipe.writeEnd) == .bytes(pipe.capacity))
    #expect(try writeBlock(to: pipe.writeEnd) == .wouldBlock)
    #expect(try readBlock(from: pipe.readEnd) == .bytes(pipe.capacity))
    #expect(try readBlock(from: pipe.readEnd) == .wouldBlock)
    #expect(throws: ProcessControlError.systemCall(name: "read", code: EBADF)) {
      _ = try readBlock(from: pipe.writeEnd)
    }
    pipe.readEnd.close()
    #expect(try eventually { try writeBlock(to: pipe.writeEnd) == .broken })
  }

  @Test func aWriteToAReadEndIsAnError() throws {
    let pipe = try PipePair.make()
    #expect(throws: ProcessControlError.systemCall(name: "write", code: EBADF)) {
      try write("x", to: pipe.readEnd)
    }
  }

  @Test func theOpenNumbersAreAllOfThem() throws {
    let pipes = try (0..<200).map { _ in try PipePair.make() }
    let numbers = try Descriptor.openNumbers()
    #expect(numbers == numbers.sorted())
    #expect(numbers.count >= 400)
    for pipe in pipes {
      #expect(numbers.contains(pipe.readEnd.number) && numbers.contains(pipe.writeEnd.number))
    }
  }

  @Test func pipesAreNonBlockingAndTellTheirCapacity() throws {
    let pipe = try PipePair.make()
    #expect(pipe.capacity == PipePair.standardCapacity)
    for end in [pipe.readEnd, pipe.writeEnd] {
      #expect(fcntl(end.number, F_GETFD) == FD_CLOEXEC)
      #expect(fcntl(end.number, F_GETFL) & O_NONBLOCK != 0)
    }
    #expect(try PipePair.make(capacity: 5_000).capacity == 8_192, "rounded up by the kernel")
    #expect(try PipePair.make(capacity: 0).capacity >= 4_096, "the kernel's default")
    #expect(try PipePair.make(capacity: .max).capacity >= 4_096, "refused, not failed")
  }

  @Test func misuseStopsTheProcess() async {
    await #expect(processExitsWith: .failure) {
      let pipe = try PipePair.make()
      pipe.readEnd.close()
      _ = pipe.readEnd.number
    }
    await #expect(processExitsWith: .failure) {
      let pipe = try PipePair.make()
      _ = pipe.readEnd.release()
      _ = pipe.readEnd.release()
    }
  }
}

private func writeBlock(to descriptor: Descriptor) throws -> WriteOutcome {
  try [UInt8](repeating: 1, count: 65_536).withUnsafeBytes { try descriptor.write($0) }
}

private func readBlock(from descriptor: Descriptor) throws -> ReadOutcome {
  var buffer = [UInt8](repeating: 0, count: 65_536)
  return try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
}
