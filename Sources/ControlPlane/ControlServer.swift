import Glibc
package import ProcessControl
import RiskModel
import Supervision

/// Names a client of the control socket that waits for a reply.
package struct ControlClientID: Hashable, Sendable {
  let number: UInt64
}

/// The supervisor's end of the control socket.
///
/// Nothing here waits: a client that is slow, silent or gone costs one of a few places for a few
/// seconds, and nothing else.
package final class ControlServer {
  private let reactor: Reactor
  /// What is removed with the server; `nil` for a socket that is somebody else's.
  private let path: String?
  private let listener: Descriptor
  private let limits: ControlLimits
  private let handler: (ControlRequest, PeerCredentials, ControlClientID) -> Void
  private var connections: [ControlClientID: ControlConnection] = [:]
  private var lastNumber: UInt64 = 0

  /// Makes the socket, in place of one that an earlier supervisor left behind, and listens. The
  /// caller holds the instance lock. Members of the group may connect; without one it is the group
  /// of the directory. The handler is called on the loop for each request; the answer goes to
  /// `reply`, now or later.
  package convenience init(
    path: String, group: UInt32? = nil, limits: ControlLimits = ControlLimits(),
    on reactor: Reactor,
    handler: @escaping (ControlRequest, PeerCredentials, ControlClientID) -> Void
  ) throws(ControlError) {
    try self.init(
      try ControlSocket.listen(path: path, group: group), path: path, limits: limits, on: reactor,
      handler: handler)
  }

  /// Serves a socket that listens already, as the service manager passes it. Its path, its mode and
  /// its group are the service manager's.
  package convenience init(
    listener: Descriptor, limits: ControlLimits = ControlLimits(), on reactor: Reactor,
    handler: @escaping (ControlRequest, PeerCredentials, ControlClientID) -> Void
  ) throws(ControlError) {
    ControlSocket.setFlags(listener)
    try self.init(listener, path: nil, limits: limits, on: reactor, handler: handler)
  }

  private init(
    _ listener: Descriptor, path: String?, limits: ControlLimits, on reactor: Reactor,
    handler: @escaping (ControlRequest, PeerCredentials, ControlClientID) -> Void
  ) throws(ControlError) {
    self.path = path
    self.limits = limits
    self.reactor = reactor
    self.handler = handler
    self.listener = listener
    do {
      try reactor.watch(listener.number, readable: true) { [unowned self] _ in self.accept() }
    } catch {
      throw .unavailable(path: path ?? "the control socket", problem: "\(error)")
    }
  }

  deinit { close() }

  /// Clients that are connected.
  package var clients: Int { connections.count }

  /// A client that has gone or has waited too long is answered by nobody.
  package func reply(_ reply: ControlReply, to client: ControlClientID) {
    connections[client]?.reply(reply)
  }

  /// Drops all clients and removes the socket, if it was made here.
  package func close() {
    guard listener.isOpen else { return }
    for connection in connections.values { connection.close() }
    connections = [:]
    reactor.unwatch(listener.number)
    listener.close()
    if let path { unlink(path) }
  }

  private func accept() {
    switch ControlSocket.accept(listener) {
    case .client(let socket): admit(socket)
    case .none: break
    case .outOfDescriptors:
      // The listener stays readable; looking again at once would keep the loop busy.
      reactor.update(listener.number, readable: false, writable: false)
      reactor.schedule(after: limits.acceptPause) { [weak self] in
        guard let self, self.listener.isOpen else { return }
        self.reactor.update(self.listener.number, readable: true, writable: false)
      }
    }
  }

  private func admit(_ socket: Descriptor) {
    guard connections.count < limits.clients else {
      let refusal = ControlRefusal(.busy, "\(limits.clients) clients are connected already")
      let line = ControlLine.encode(ControlReply.error(refusal))
      // A fresh socket takes a line of this size; if not, the client sees the end alone.
      _ = line.withUnsafeBytes { send(socket.number, $0.baseAddress, $0.count, sendFlags) }
      socket.close()
      return
    }
    lastNumber += 1
    let client = ControlClientID(number: lastNumber)
    do {
      let peer = try PeerCredentials.ofPeer(on: socket)
      connections[client] = try ControlConnection(
        socket, limits: limits, on: reactor,
        onRequest: { [unowned self] request in self.handler(request, peer, client) },
        onClose: { [unowned self] in self.connections[client] = nil })
    } catch {
      socket.close()
    }
  }
}

/// No SIGPIPE for a client that has gone, no wait for one that is slow.
let sendFlags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
