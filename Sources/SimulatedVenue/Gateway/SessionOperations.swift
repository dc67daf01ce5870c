import RiskModel

/// Codes of `Auth/loginKey` that the simulated venue uses by itself.
private let invalidCredentials = 3

extension GatewayDesk {
  /// The message of a failed login is null (observed live). A login ends no earlier token.
  func login(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let user = try body.text("userName")
    let key = try body.text("apiKey")
    let configuration = floor.configuration
    guard user.lowercased() == configuration.user.lowercased(), key == configuration.key else {
      return .refused(invalidCredentials, nil, ["token": .null])
    }
    return .success(["token": .string(issueToken())])
  }

  func validate(_ token: String) -> GatewayAnswer {
    if floor.gateway.validateEndsOldToken { floor.sessions.end(token) }
    return .success(["newToken": .string(issueToken())])
  }

  func logout(_ token: String) -> GatewayAnswer {
    floor.sessions.end(token)
    return .success()
  }

  private func issueToken() -> String {
    floor.sessions.issue(lifetime: floor.gateway.tokenLifetime, at: floor.clock.now())
  }
}
