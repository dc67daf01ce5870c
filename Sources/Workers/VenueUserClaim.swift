import AuditLog
import Dispatch
import Glibc
import ProcessControl

/// The right of one riskd to act for a venue user on this machine. Two of them would send twice as
/// much as the venue allows, and close twice.
///
/// It is a socket with a name of the kernel's own, without a file: it ends with its process, however
/// that dies. Whoever has the name and is another user of the machine is not believed: a name alone
/// must not keep riskd from protecting.
final class VenueUserClaim {
  enum Outcome {
    case claimed(VenueUserClaim)
    /// Another riskd of this machine acts for the same venue user.
    case taken(process: Int32)
    /// The claim could not be made, or a stranger has its name; riskd goes on without it.
    case unknown(reason: String)
  }

  private let socket: Descriptor
  /// Those who ask learn whose the claim is by connecting, and are let go at once: a queue of them
  /// that is full would answer nobody.
  private let visitors: any DispatchSourceRead

  private init(_ socket: Descriptor) {
    self.socket = socket
    let number = socket.number
    visitors = DispatchSource.makeReadSource(
      fileDescriptor: number, queue: DispatchQueue(label: "claim"))
    visitors.setEventHandler {
      while case let visitor = accept(number, nil, nil), visitor >= 0 { close(visitor) }
    }
    visitors.resume()
  }

  /// Claims a venue user. `owner` is the venue and its user; others see only a digest of it.
  static func claim(_ owner: String) -> Outcome {
    let name = "riskd-" + RunningDigest.text(RunningDigest.of(Array(owner.utf8)))
    guard let socket = open() else { return .unknown(reason: "no socket (error \(errno))") }
    if withAddress(name, { bind(socket.number, $0, $1) }) == 0, listen(socket.number, 16) == 0 {
      return .claimed(VenueUserClaim(socket))
    }
    guard errno == EADDRINUSE else {
      return .unknown(reason: "no name for the socket (error \(errno))")
    }
    guard let asking = open(), reach(name, from: asking) else {
      return .unknown(reason: "the holder of the name does not answer (error \(errno))")
    }
    // struct ucred: the process, user and group of whoever listens.
    var holder: (process: Int32, user: UInt32, group: UInt32) = (0, 0, 0)
    var length = socklen_t(MemoryLayout.size(ofValue: holder))
    guard getsockopt(asking.number, SOL_SOCKET, SO_PEERCRED, &holder, &length) == 0 else {
      return .unknown(reason: "the holder of the name is not known (error \(errno))")
    }
    guard holder.user == geteuid() else {
      return .unknown(reason: "user \(holder.user) of this machine has the name of the claim")
    }
    return .taken(process: holder.process)
  }

  /// A holder that many ask at once needs a moment for each.
  private static func reach(_ name: String, from asking: Descriptor) -> Bool {
    for _ in 0..<200 {
      if withAddress(name, { connect(asking.number, $0, $1) }) == 0 { return true }
      guard errno == EAGAIN else { return false }
      usleep(5_000)
    }
    return false
  }

  func release() {
    visitors.cancel()
    socket.close()
  }

  private static func open() -> Descriptor? {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let number = Glibc.socket(AF_UNIX, kind, 0)
    return number >= 0 ? Descriptor(owning: number) : nil
  }

  /// A name that begins with a zero byte is of no file.
  private static func withAddress(
    _ name: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
      path[1...].copyBytes(from: name.utf8.prefix(path.count - 1))
    }
    let length = MemoryLayout<sa_family_t>.size + 1 + name.utf8.count
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(length)) }
    }
  }
}
