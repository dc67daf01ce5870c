import NIOHTTP1
import RiskModel

/// Builds the heads of requests to one address.
struct RequestHeads {
  private let address: VenueAddress

  init(address: VenueAddress) {
    self.address = address
  }

  /// Whether a call can be written as a request head without changing its meaning.
  static func isValid(_ call: HTTPCall) -> Bool {
    guard call.path.hasPrefix("/"), isVisible(call.path) else { return false }
    guard let token = call.token?.reveal() else { return true }
    return !token.isEmpty && isVisible(token)
  }

  func head(of call: HTTPCall) -> HTTPRequestHead {
    var headers = HTTPHeaders([
      ("Host", address.authority), ("User-Agent", "riskd/\(RiskdVersion.release)"),
      ("Accept", "application/json"),
    ])
    if let token = call.token {
      headers.add(name: "Authorization", value: "Bearer \(token.reveal())")
    }
    if call.method == .post {
      headers.add(name: "Content-Type", value: "application/json")
      headers.add(name: "Content-Length", value: "\(call.body.count)")
    }
    return HTTPRequestHead(
      version: .http1_1, method: call.method == .post ? .POST : .GET,
      uri: address.path + call.path, headers: headers)
  }

  private static func isVisible(_ text: String) -> Bool {
    text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
  }
}
