package import RiskModel

/// Why the simulated venue cannot do what its user asked; refusals towards its clients are replies.
package enum SimulatedVenueError: Error, Equatable, Sendable {
  /// The simulated venue never listens beyond this machine.
  case notLoopback(address: String)
  case cannotListen(address: String, port: Int, reason: String)
  case unreadableFile(path: String, reason: String)
  case unusableCertificate(path: String, reason: String)
  /// A test authority could not be made.
  case noCertificate(reason: String)
  /// A scenario or an admin request is wrong at `path` (`steps[3].side`); `problem` says what would
  /// be right.
  case wrongDocument(source: String, path: String, problem: String)
  case unknownAccount(AccountID)
  case unknownContract(ContractID)
  case unknownTrade(TradeID)
  case priceOffTick(ContractID, Price, tick: Price)
  case crossedBook(ContractID, bid: Price, ask: Price)
}

extension SimulatedVenueError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notLoopback(let address):
      "\(address) is not a loopback address; use 127.0.0.1"
    case .cannotListen(let address, let port, let reason):
      "cannot listen on \(address):\(port): \(reason)"
    case .unreadableFile(let path, let reason):
      "cannot read \(path): \(reason)"
    case .unusableCertificate(let path, let reason):
      "cannot use the certificate \(path): \(reason)"
    case .noCertificate(let reason):
      "cannot make a certificate: \(reason)"
    case .wrongDocument(let source, let path, let problem):
      path.isEmpty ? "\(source): \(problem)" : "\(source): \(path): \(problem)"
    case .unknownAccount(let account):
      "there is no account \(account)"
    case .unknownContract(let contract):
      "there is no contract \(contract)"
    case .unknownTrade(let trade):
      "there is no trade \(trade)"
    case .priceOffTick(let contract, let price, let tick):
      "\(price) is not a price of \(contract), whose tick is \(tick)"
    case .crossedBook(let contract, let bid, let ask):
      "the bid \(bid) of \(contract) is not below the ask \(ask)"
    }
  }
}
