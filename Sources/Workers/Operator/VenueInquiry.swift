import Glibc
import Logging
import ProcessControl
import RequestWindow
import RiskModel
import Settings
import TokenStore
import VenueAPI
import VenueREST

/// A session with the venue for one operator's command, which only looks.
///
/// Its requests count in the window that riskd's own processes share, where there is one.
final class VenueInquiry {
  private static let patience = TimeSpan.seconds(15)

  private let settings: RiskdSettings
  private let credentials: VenueCredentials
  private let store: TokenStore
  let reactor: Reactor
  let venue: VenueConnections
  private let window: RequestWindow?

  /// - Throws: `ProcessControlError`, or `VenueRESTError` for a URL or a file of certificates that
  ///   cannot be used.
  init(root: String, settings: RiskdSettings, credentials: VenueCredentials) throws {
    func whole(_ path: String) -> String { path.hasPrefix("/") ? path : "\(root)/\(path)" }
    self.settings = settings
    self.credentials = credentials
    store = credentials.store(settings, root: root)
    let path = whole(RequestWindow.fileName)
    // A window that root made here would be closed to riskd's own user.
    let isShared = settings.venue.requestLimits.isEnabled && access(path, R_OK | W_OK) == 0
    window =
      isShared
      ? RequestWindow(path: path, limits: RequestLimits(settings.venue.requestLimits)) : nil
    reactor = try Reactor()
    venue = try VenueConnections(
      settings.venue, authorityFile: settings.venue.caFilePath.map(whole), warmConnections: 1,
      reactor: reactor)
  }

  func close() { venue.close() }

  /// The session that riskd has, where this process may read it and it has not ended.
  func storedToken() -> VenueToken? {
    guard let token = try? store.load(), let end = token.expiresAt,
      end > SystemClock().now() + Self.patience
    else { return nil }
    return token
  }

  /// A session of its own, by the API key; it is not kept.
  func signIn() -> SignInOutcome {
    let key = SignInKey(
      userName: credentials.userName.revealed, apiKey: credentials.apiKey.revealed)
    return answer(to: .loginKey(key), token: nil).decodeSignIn()
  }

  /// Sends a request once and waits for its answer, at most 15 s.
  func answer(to request: VenueRequest, token: VenueToken?) -> VenueAnswer {
    let deadline = reactor.clock.monotonicNow() + Self.patience
    while case .wait(let span)? = window?.admit(.general, for: .routine) {
      guard reactor.clock.monotonicNow() + span < deadline else {
        return .failed(.notSent(reason: "riskd itself needs what the venue allows"))
      }
      usleep(UInt32(clamping: span.nanos / 1_000))
    }
    var result = VenueAnswer.failed(.timedOut)
    venue.send(request, token: token, deadline: deadline, priority: .normal) {
      [reactor] answer, _ in
      result = answer
      reactor.stop()
    }
    let timer = reactor.schedule(after: Self.patience + .seconds(1)) { [reactor] in
      reactor.stop()
    }
    reactor.run()
    reactor.cancel(timer)
    if case .reply(let reply) = result, reply.status == 429 { window?.refusedByVenue() }
    return result
  }
}
