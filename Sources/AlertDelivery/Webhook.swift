package import NIOCore
package import RiskModel
package import VenueREST

/// Why a post was not delivered; never the URL, which is a secret.
package enum WebhookProblem: Error, Equatable, Sendable, CustomStringConvertible {
  case unusable(String)
  case refused(status: Int)
  case notDelivered(String)

  package var description: String {
    switch self {
    case .unusable(let problem): "the URL of the webhook cannot be used: \(problem)"
    case .refused(let status): "the webhook answered with \(status)"
    case .notDelivered(let problem): "the webhook was not reached: \(problem)"
    }
  }
}

/// Posts JSON to one URL.
package final class Webhook: Sendable {
  private let client: RESTClient
  private let path: String
  private let clock: any Clock
  private let limit: TimeSpan

  package init(
    url: String, tls: VenueTLS, clock: any Clock, loop: any EventLoop,
    limit: TimeSpan = .seconds(10)
  ) throws(WebhookProblem) {
    guard let scheme = url.firstRange(of: "://") else { throw .unusable("it has no scheme") }
    let slash = url[scheme.upperBound...].firstIndex(of: "/") ?? url.endIndex
    path = slash == url.endIndex ? "/" : String(url[slash...])
    do {
      client = RESTClient(
        address: try VenueAddress(String(url[..<slash])), tls: tls, clock: clock, loop: loop,
        options: RESTOptions(warmConnections: 0))
    } catch {
      throw .unusable("\(error)")
    }
    self.clock = clock
    self.limit = limit
  }

  /// Calls back once with the problem or `nil`.
  package func post(
    _ body: [UInt8], _ completion: @escaping @Sendable (WebhookProblem?) -> Void
  ) {
    client.send(
      HTTPCall(method: .post, path: path, body: body), deadline: clock.monotonicNow() + limit,
      priority: .normal
    ) { report in
      switch report.outcome {
      case .response(let reply) where (200..<300).contains(reply.status): completion(nil)
      case .response(let reply): completion(.refused(status: reply.status))
      case .notSent(let reason): completion(.notDelivered("\(reason)"))
      case .unknownOutcome(let reason): completion(.notDelivered("\(reason)"))
      }
    }
  }

  package func close() { client.close() }
}
