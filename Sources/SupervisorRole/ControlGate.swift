import ControlPlane
import Logging
import ProcessControl
import Supervision

/// The way in for operators: every request is checked against the peer's standing and logged before
/// the loop hears of it.
struct ControlGate {
  let access: ControlAccess
  unowned let loop: SupervisorLoop
  let desk: ControlDesk
  let log: Logger

  /// Serves the socket that was passed, or one that is made at the path, for the operators' group
  /// where there is one and this process may hand files to it.
  func open(
    path: String, or passed: Descriptor?, on reactor: Reactor
  ) throws(ControlError) -> ControlServer {
    if let passed {
      return try ControlServer(listener: passed, on: reactor, handler: take)
    }
    let group = access.mayGiveToOperators ? access.operators : nil
    return try ControlServer(path: path, group: group, on: reactor, handler: take)
  }

  private func take(
    _ request: ControlRequest, _ peer: PeerCredentials, _ client: ControlClientID
  ) {
    let metadata: Logger.Metadata = [
      "request": "\(request.name)", "uid": "\(peer.user)", "pid": "\(peer.pid)",
    ]
    if let refusal = access.refusal(of: request, by: peer) {
      log.warning("an operator's request is refused", metadata: metadata)
      if case .reload = request { loop.noteRefusedReload(by: "\(peer.named())", refusal.text) }
      desk.reply(.error(refusal), to: client)
      return
    }
    // What only looks is asked for every second by some screens.
    log.log(
      level: request.changesNothing ? .debug : .notice, "an operator asks", metadata: metadata)
    loop.asked(request, by: request.changesNothing ? peer : peer.named(), client: client)
  }
}

extension ControlRequest {
  fileprivate var name: String {
    switch self {
    case .status: "status"
    case .history: "history"
    case .restart(let request): "restart \(request.worker.rawValue)"
    case .reload: "reload"
    case .lockouts: "lockouts"
    case .endLockout(let id): "end lockout \(id)"
    }
  }

  fileprivate var changesNothing: Bool {
    switch self {
    case .status, .history, .lockouts: true
    case .restart, .reload, .endLockout: false
    }
  }
}

/// The operators, behind the control socket.
final class ControlDesk: OperatorDesk {
  weak var server: ControlServer?

  func reply(_ reply: ControlReply, to client: ControlClientID) {
    server?.reply(reply, to: client)
  }
}
