package import RiskModel
import SimulatedVenue

/// How much of everything the simulated venue has for riskd to watch.
package struct VenueLoad: Equatable, Sendable {
  /// Numbered from `BenchmarkSystem.account` up; the breaches are the first one's.
  package var accounts: Int
  /// Listed beside those of the simulated venue, for positions that breach nothing.
  package var contracts: Int

  package init(accounts: Int = 2, contracts: Int = 0) {
    precondition(accounts > 0, "Condition failed: an account for the breaches")
    self.accounts = accounts
    self.contracts = contracts
  }

  package var accountNumbers: [AccountID] {
    (0..<Int64(accounts)).map { AccountID(BenchmarkSystem.account.number + $0) }
  }

  package var contractNames: [ContractID] {
    (0..<contracts).map { ContractID("CON.F.US.\(Self.root($0)).Z26") }
  }

  var tradingAccounts: [TradingAccount] {
    accountNumbers.map { id in
      TradingAccount(
        id: id, name: "SIM-\(id.number)", balance: Money(dollars: 1_000_000))
    }
  }

  /// Copies of the micro S&P 500 under names of their own.
  var listedContracts: [ListedContract] {
    let catalogue = ListedContract.catalogue
    guard let model = catalogue.first(where: { $0.id == BenchmarkSystem.mes }) else {
      preconditionFailure("Invariant: the catalogue lists \(BenchmarkSystem.mes)")
    }
    return catalogue
      + contractNames.enumerated().map { index, id in
        var contract = model
        let root = Self.root(index)
        contract.specification = ContractSpecification(
          id: id, name: "\(root)Z6", tickSize: model.specification.tickSize,
          tickValue: model.specification.tickValue)
        contract.symbolID = "F.US.\(root)"
        contract.displayName = "\(root)Z26"
        contract.details = "Contract \(index + 1) of a benchmark: Z26"
        return contract
      }
  }

  /// Letters only, as roots are: XAA, XAB and so on.
  private static func root(_ index: Int) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return "X\(letters[index / letters.count % letters.count])\(letters[index % letters.count])"
  }
}
