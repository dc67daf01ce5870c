import CPlatform
import Glibc

/// What a process gives up for good at its start.
package enum Privileges {
  /// No program that this process executes can gain privileges, by set-user-id or otherwise.
  package static func forbidGainingMore() throws(ProcessControlError) {
    try checked(platform_forbid_new_privileges(), "prctl(PR_SET_NO_NEW_PRIVS)")
  }

  /// No core file and no tracing by the user's other processes: the memory holds secrets.
  package static func forbidDumps() throws(ProcessControlError) {
    try checked(platform_forbid_dumps(), "prctl(PR_SET_DUMPABLE)")
  }
}

/// Who is on the other side of a unix socket, as the kernel knows it.
package struct PeerCredentials: Equatable, Sendable {
  package var pid: Int32
  package var user: UInt32
  package var group: UInt32
  /// The supplementary groups.
  package var groups: [UInt32]
  /// What the machine calls the user; `nil` where nobody has asked or there is no name.
  package var userName: String?

  package init(pid: Int32, user: UInt32, group: UInt32, groups: [UInt32] = []) {
    self.pid = pid
    self.user = user
    self.group = group
    self.groups = groups
  }

  /// The same peer with the name of its user. The machine is asked; that may take a while.
  package func named() -> PeerCredentials {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    var buffer = [CChar](repeating: 0, count: 16_384)
    guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil,
      let name = entry.pw_name
    else { return self }
    var named = self
    named.userName = String(cString: name)
    return named
  }

  /// The credentials that the peer had when it connected.
  ///
  /// - Throws: `systemCall` for a descriptor that is no unix socket.
  package static func ofPeer(on socket: Descriptor) throws(ProcessControlError) -> PeerCredentials {
    var peer = platform_peer()
    try checked(platform_peer_of(socket.number, &peer), "getsockopt(SO_PEERCRED)")
    return PeerCredentials(
      pid: peer.pid, user: peer.user, group: peer.group, groups: try groupsOfPeer(on: socket))
  }

  private static func groupsOfPeer(
    on socket: Descriptor
  ) throws(ProcessControlError) -> [UInt32] {
    var groups = [UInt32](repeating: 0, count: 32)
    while true {
      let found = groups.withUnsafeMutableBufferPointer {
        platform_peer_groups(socket.number, $0.baseAddress, Int32($0.count))
      }
      let count = Int(try checked(found, "getsockopt(SO_PEERGROUPS)"))
      if count <= groups.count { return Array(groups[..<count]) }
      groups = [UInt32](repeating: 0, count: count)
    }
  }
}

extension PeerCredentials: CustomStringConvertible {
  package var description: String {
    "uid \(user)\(userName.map { " (\($0))" } ?? ""), pid \(pid)"
  }
}
