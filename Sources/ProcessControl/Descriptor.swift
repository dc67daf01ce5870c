import CPlatform
import Glibc
import Synchronization

/// An open file descriptor that is closed exactly once: by `close()`, or when nobody refers to it
/// any more.
package final class Descriptor: Sendable {
  private static let closed: Int32 = -1

  private let owned: Atomic<Int32>

  /// Takes over an open descriptor; nobody else may close it from now on.
  package init(owning number: Int32) {
    precondition(number >= 0, "Condition failed: \(number) is a descriptor")
    owned = Atomic(number)
  }

  deinit { close() }

  /// The number for system calls. It is valid while this object is referred to and not closed.
  package var number: Int32 {
    let number = owned.load(ordering: .acquiring)
    guard number != Self.closed else {
      preconditionFailure("Invariant: a closed descriptor is not used")
    }
    return number
  }

  package var isOpen: Bool { owned.load(ordering: .acquiring) != Self.closed }

  package func close() {
    let number = owned.exchange(Self.closed, ordering: .acquiringAndReleasing)
    // Linux frees the number whatever close answers; trying again could close a stranger's file.
    if number != Self.closed { _ = Glibc.close(number) }
  }

  /// Gives the descriptor away without closing it.
  package func release() -> Int32 {
    let number = owned.exchange(Self.closed, ordering: .acquiringAndReleasing)
    guard number != Self.closed else {
      preconditionFailure("Invariant: a closed descriptor is not given away")
    }
    return number
  }

  /// A second descriptor for the same open file.
  package func duplicate() throws(ProcessControlError) -> Descriptor {
    Descriptor(owning: try checked(platform_duplicate(number), "fcntl(F_DUPFD_CLOEXEC)"))
  }

  /// The numbers of all descriptors that the process has open, ascending.
  package static func openNumbers() throws(ProcessControlError) -> [Int32] {
    var numbers = [Int32](repeating: 0, count: 256)
    while true {
      let found = numbers.withUnsafeMutableBufferPointer {
        platform_list_descriptors($0.baseAddress, Int32($0.count))
      }
      let count = Int(try checked(found, "getdents64(/proc/self/fd)"))
      if count <= numbers.count { return numbers[..<count].sorted() }
      numbers = [Int32](repeating: 0, count: 2 * count)
    }
  }
}

/// What a non-blocking read gave.
package enum ReadOutcome: Equatable, Sendable {
  case bytes(Int)
  case wouldBlock
  /// Every writer is gone and everything is read.
  case endOfFile
}

/// What a non-blocking write took.
package enum WriteOutcome: Equatable, Sendable {
  /// This many bytes, at least one, possibly fewer than offered.
  case bytes(Int)
  case wouldBlock
  /// Every reader is gone.
  case broken
}

extension Descriptor {
  /// Reads at most as many bytes as the buffer holds; the buffer is not empty.
  package func read(
    into buffer: UnsafeMutableRawBufferPointer
  ) throws(ProcessControlError) -> ReadOutcome {
    precondition(!buffer.isEmpty, "Condition failed: the buffer has room")
    while true {
      let count = Glibc.read(number, buffer.baseAddress, buffer.count)
      if count > 0 { return .bytes(count) }
      if count == 0 { return .endOfFile }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      case let code: throw .systemCall(name: "read", code: code)
      }
    }
  }

  /// Writes the beginning of the buffer, which is not empty. Needs SIGPIPE to be ignored.
  package func write(
    _ buffer: UnsafeRawBufferPointer
  ) throws(ProcessControlError) -> WriteOutcome {
    precondition(!buffer.isEmpty, "Condition failed: there is something to write")
    while true {
      let count = Glibc.write(number, buffer.baseAddress, buffer.count)
      if count >= 0 { return .bytes(count) }
      switch errno {
      case EINTR: continue
      case EAGAIN: return .wouldBlock
      case EPIPE: return .broken
      case let code: throw .systemCall(name: "write", code: code)
      }
    }
  }
}
