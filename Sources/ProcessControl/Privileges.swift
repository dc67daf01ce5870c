import CPlatform

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

  package init(pid: Int32, user: UInt32, group: UInt32) {
    self.pid = pid
    self.user = user
    self.group = group
  }

  /// The credentials that the peer had when it connected.
  ///
  /// - Throws: `systemCall` for a descriptor that is no unix socket.
  package static func ofPeer(on socket: Descriptor) throws(ProcessControlError) -> PeerCredentials {
    var peer = platform_peer()
    try checked(platform_peer_of(socket.number, &peer), "getsockopt(SO_PEERCRED)")
    return PeerCredentials(pid: peer.pid, user: peer.user, group: peer.group)
  }
}
