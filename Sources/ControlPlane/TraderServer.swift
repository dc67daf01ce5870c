import Glibc
package import ProcessControl
import RiskModel
package import TraderFeed

/// The monitor's end of the trader socket.
///
/// Everybody who may look gets the latest picture at once and every later one. A client that is slow
/// misses pictures and is dropped when it takes none for a while; nothing here waits for one.
package final class TraderServer {
  /// What the trader asked for; the answer is a refusal's text, or `nil` when it was done.
  package typealias Handler = (TraderRequest, PeerCredentials) -> String?

  private let reactor: Reactor
  /// What is removed with the server; `nil` for a socket that is somebody else's.
  private let path: String?
  private let listener: Descriptor
  private let limits: TraderLimits
  private let access: TraderAccess
  private let handler: Handler
  private var connections: [UInt64: TraderConnection] = [:]
  private var lastNumber: UInt64 = 0
  private var latest: [UInt8]?
  /// Clients that were dropped because they did not take what was sent.
  package private(set) var dropped: Int64 = 0

  /// Makes the socket, in place of one that an earlier process left behind, and listens.
  package convenience init(
    path: String, access: TraderAccess, limits: TraderLimits = TraderLimits(),
    on reactor: Reactor, handler: @escaping Handler
  ) throws(ControlError) {
    let listener = try Self.listen(path: path, access: access)
    try self.init(listener, path: path, access, limits, reactor, handler)
  }

  /// Serves a socket that listens already. Its path, its mode and its group are somebody else's.
  package convenience init(
    listener: Descriptor, access: TraderAccess, limits: TraderLimits = TraderLimits(),
    on reactor: Reactor, handler: @escaping Handler
  ) throws(ControlError) {
    ControlSocket.setFlags(listener)
    try self.init(listener, path: nil, access, limits, reactor, handler)
  }

  private init(
    _ listener: Descriptor, path: String?, _ access: TraderAccess, _ limits: TraderLimits,
    _ reactor: Reactor, _ handler: @escaping Handler
  ) throws(ControlError) {
    self.listener = listener
    self.path = path
    self.access = access
    self.limits = limits
    self.reactor = reactor
    self.handler = handler
    do {
      try reactor.watch(listener.number, readable: true) { [unowned self] _ in self.accept() }
    } catch {
      throw .unavailable(path: path ?? "the trader socket", problem: "\(error)")
    }
  }

  /// A listening socket in place of one that an earlier process left behind, for `init(listener:)` in
  /// this process or another. The caller removes it in the end.
  package static func listen(
    path: String, access: TraderAccess
  ) throws(ControlError) -> Descriptor {
    try ControlSocket.listen(path: path, group: access.groupOfSocket)
  }

  deinit { close() }

  package var clients: Int { connections.count }
  /// Called before the first of the clients gets a picture: while nobody looks, none need be made.
  package var onFirstClient: (() -> Void)?

  /// Shows a picture to everybody.
  package func publish(_ feed: TraderFeed) {
    let line = TraderLine.encode(.feed(feed))
    latest = line
    for connection in connections.values { connection.show(line) }
  }

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
    guard let peer = try? PeerCredentials.ofPeer(on: socket) else { return socket.close() }
    if let reason = access.refusal(of: peer) { return refuse(socket, reason) }
    guard connections.count < limits.clients else {
      return refuse(socket, "\(limits.clients) screens are connected already")
    }
    lastNumber += 1
    let number = lastNumber
    do {
      let connection = try TraderConnection(
        socket, limits: limits, on: reactor,
        onRequest: { [unowned self] in self.handler($0, peer) },
        onEnd: { [unowned self] wasSlow in
          if wasSlow { self.dropped += 1 }
          self.connections[number] = nil
        })
      if connections.isEmpty { onFirstClient?() }
      connections[number] = connection
      if let latest { connection.show(latest) }
    } catch {
      socket.close()
    }
  }

  private func refuse(_ socket: Descriptor, _ reason: String) {
    let line = TraderLine.encode(.refusal(reason))
    // A fresh socket takes a line of this size; if not, the client sees the end alone.
    _ = line.withUnsafeBytes { send(socket.number, $0.baseAddress, $0.count, sendFlags) }
    socket.close()
  }
}
