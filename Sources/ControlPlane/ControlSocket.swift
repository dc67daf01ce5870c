import Glibc
import ProcessControl

/// What can go wrong between an operator and the control socket.
package enum ControlError: Error, Equatable, Sendable {
  /// There is no socket, or nobody listens on it.
  case notRunning(path: String)
  /// The user is not a member of the group that may connect.
  case forbidden(path: String)
  /// A socket path holds at most 107 bytes.
  case pathTooLong(path: String)
  /// Something that is no socket is in the way.
  case notASocket(path: String)
  case unavailable(path: String, problem: String)
  case timedOut
  /// The supervisor ended the connection without an answer.
  case closedEarly
  case replyTooLong(limit: Int)
  case replyUnreadable(String)
}

extension ControlError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notRunning(let path): "riskd is not running: nobody listens on \(path)"
    case .forbidden(let path): "no permission to use \(path)"
    case .pathTooLong(let path): "\(path) is too long for a socket (107 bytes)"
    case .notASocket(let path): "\(path) is in the way and no socket"
    case .unavailable(let path, let problem): "\(path): \(problem)"
    case .timedOut: "riskd did not answer in time"
    case .closedEarly: "riskd closed the connection without an answer"
    case .replyTooLong(let limit): "the answer of riskd exceeds \(limit) bytes"
    case .replyUnreadable(let problem): "the answer of riskd is unreadable: \(problem)"
    }
  }
}

/// The system calls of the control socket.
enum ControlSocket {
  enum Acceptance {
    case client(Descriptor)
    case none
    case outOfDescriptors
  }

  private static let mode: mode_t = 0o660

  static func listen(path: String, group: UInt32?) throws(ControlError) -> Descriptor {
    try removeStale(path)
    let socket = try make(path)
    guard try withAddress(path, { bind(socket.number, $0, $1) }) == 0 else {
      throw .unavailable(path: path, problem: systemText("bind"))
    }
    // Nobody can connect before `listen`, so nobody does with the wrong mode.
    if chmod(path, mode) != 0 {
      throw .unavailable(path: path, problem: systemText("chmod"))
    }
    if let group, chown(path, uid_t.max, group) != 0 {
      throw .unavailable(path: path, problem: systemText("chown"))
    }
    guard Glibc.listen(socket.number, 16) == 0 else {
      throw .unavailable(path: path, problem: systemText("listen"))
    }
    return socket
  }

  static func accept(_ listener: Descriptor) -> Acceptance {
    let number = Glibc.accept(listener.number, nil, nil)
    guard number >= 0 else {
      return [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) ? .outOfDescriptors : .none
    }
    let socket = Descriptor(owning: number)
    setFlags(socket)
    return .client(socket)
  }

  /// - Returns: `nil` when the listener has no room for another caller at the moment.
  static func connect(path: String) throws(ControlError) -> Descriptor? {
    let socket = try make(path)
    guard try withAddress(path, { Glibc.connect(socket.number, $0, $1) }) == 0 else {
      switch errno {
      case ENOENT, ECONNREFUSED: throw .notRunning(path: path)
      case EACCES, EPERM: throw .forbidden(path: path)
      case EAGAIN: return nil
      default: throw .unavailable(path: path, problem: systemText("connect"))
      }
    }
    return socket
  }

  private static func make(_ path: String) throws(ControlError) -> Descriptor {
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard number >= 0 else { throw .unavailable(path: path, problem: systemText("socket")) }
    let socket = Descriptor(owning: number)
    setFlags(socket)
    return socket
  }

  static func setFlags(_ socket: Descriptor) {
    _ = fcntl(socket.number, F_SETFD, FD_CLOEXEC)
    _ = fcntl(socket.number, F_SETFL, O_NONBLOCK)
  }

  private static func removeStale(_ path: String) throws(ControlError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
    unlink(path)
  }

  private static func withAddress(
    _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(ControlError) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw .pathTooLong(path: path)
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    return withUnsafeBytes(of: &address) { raw in
      raw.withMemoryRebound(to: sockaddr.self) { rebound in
        rebound.baseAddress.map { body($0, socklen_t(raw.count)) } ?? -1
      }
    }
  }
}

/// The text of errno.
func systemText(_ call: String) -> String {
  "\(call): \(strerror(errno).map { String(cString: $0) } ?? "error \(errno)")"
}
