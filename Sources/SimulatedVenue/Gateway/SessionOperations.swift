import RiskModel

/// Codes of both logins that the simulated venue uses by itself (documented).
private enum LoginCode: Int {
  case userNotFound = 1
  case passwordVerificationFailed = 2
  case invalidCredentials = 3
  case appNotFound = 4
  case appVerificationFailed = 5
  case invalidDevice = 6
}

/// Codes of `Auth/validate`; those of `Auth/logout` begin alike (documented).
private enum SessionCode: Int {
  case invalidSession = 1
  case sessionNotFound = 2
  case expiredToken = 3
}

extension GatewayDesk {
  /// The message of a failed login is null (observed live). A login ends no earlier token.
  func login(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let user = try body.text("userName")
    let key = try body.text("apiKey")
    let configuration = floor.configuration
    guard isUser(user), key == configuration.key else { return refused(.invalidCredentials) }
    return grantToken()
  }

  /// The login of registered applications, whose page the vendor has withdrawn.
  func loginApplication(_ body: RequestBody) throws(BindingFailure) -> GatewayAnswer {
    let user = try body.text("userName")
    let password = try body.text("password")
    let device = try body.text("deviceId")
    let id = try body.text("appId")
    let verifyKey = try body.text("verifyKey")
    let application = floor.configuration.application
    guard isUser(user) else { return refused(.userNotFound) }
    guard password == application.password else { return refused(.passwordVerificationFailed) }
    guard id == application.id else { return refused(.appNotFound) }
    guard verifyKey == application.verifyKey else { return refused(.appVerificationFailed) }
    guard application.device.map({ $0 == device }) != false else {
      return refused(.invalidDevice)
    }
    return grantToken()
  }

  func validate(_ token: String) -> GatewayAnswer {
    if let code = problem(with: token) { return .refused(code.rawValue, nil, ["newToken": .null]) }
    if floor.gateway.validateEndsOldToken { floor.sessions.end(token) }
    return .success(["newToken": .string(issueToken())])
  }

  func logout(_ token: String) -> GatewayAnswer {
    if problem(with: token) != nil { return .refused(SessionCode.invalidSession.rawValue) }
    floor.sessions.end(token)
    return .success()
  }

  /// Whether the operation answers a token that is no good with a code of its own.
  func tellsTokenByCode(_ operation: GatewayOperation) -> Bool {
    floor.gateway.tokenRefusal == .code && (operation == .validate || operation == .logout)
  }

  private func problem(with token: String) -> SessionCode? {
    switch floor.sessions.standing(of: token, at: floor.clock.now()) {
    case .good: nil
    case .ended: .invalidSession
    case .unknown: .sessionNotFound
    case .expired: .expiredToken
    }
  }

  private func isUser(_ name: String) -> Bool {
    name.lowercased() == floor.configuration.user.lowercased()
  }

  private func refused(_ code: LoginCode) -> GatewayAnswer {
    .refused(code.rawValue, nil, ["token": .null])
  }

  private func grantToken() -> GatewayAnswer {
    if let code = floor.gateway.loginObstacle.code {
      return .refused(code, nil, ["token": .null])
    }
    return .success(["token": .string(issueToken())])
  }

  private func issueToken() -> String {
    floor.sessions.issue(lifetime: floor.gateway.tokenLifetime, at: floor.clock.now())
  }
}
