package import RiskModel
package import SimulatedVenue

/// A simulated venue in this process, and a riskd that watches it.
package final class BenchmarkSystem {
  package static let account = AccountID(1001)
  package static let mnq = ContractID("CON.F.US.MNQ.Z26")
  package static let mes = ContractID("CON.F.US.MES.Z26")

  package let venue: SimulatedVenueServer
  package let riskd: RiskdInstance
  private let root: BenchmarkRoot
  private let certificate: TemporaryCertificate?

  /// - Parameters:
  ///   - program: the riskd to be measured.
  ///   - encrypted: puts TLS on all of the venue's connections.
  ///   - load: what riskd has to watch.
  /// - Throws: When one of the two does not come up.
  package init(
    program: String, encrypted: Bool = false, load: VenueLoad = VenueLoad()
  ) throws(BenchmarkError) {
    certificate = encrypted ? try TemporaryCertificate() : nil
    venue = try Self.startVenue(load, certificate)
    do throws(BenchmarkError) {
      root = try BenchmarkRoot(
        for: venue, authorityFile: certificate?.certificateFile, load: load)
    } catch {
      venue.stop()
      throw error
    }
    do throws(BenchmarkError) {
      riskd = try RiskdInstance(program: program, root: root, accounts: load.accounts)
    } catch {
      venue.stop()
      root.remove()
      throw error
    }
  }

  /// A venue without limits that remembers what a benchmark needs.
  static func startVenue(
    _ load: VenueLoad = VenueLoad(), _ certificate: TemporaryCertificate? = nil
  ) throws(BenchmarkError) -> SimulatedVenueServer {
    var configuration = SimulatedVenueConfiguration()
    configuration.accounts = load.tradingAccounts
    configuration.contracts = load.listedContracts
    configuration.gateway.requestLimit = nil
    configuration.requestLogLimit = 64
    configuration.storyLimit = 64
    configuration.exchange.historyLimit = 1_000_000
    if let certificate {
      configuration.tls = VenueTLS(
        certificateFile: certificate.certificateFile, privateKeyFile: certificate.keyFile)
    }
    do {
      return try SimulatedVenueServer.start(configuration)
    } catch {
      throw .network("\(error)")
    }
  }

  /// Stops riskd and hands its database over before everything goes.
  func end<Value>(
    _ look: (Database) throws(BenchmarkError) -> Value
  ) throws(BenchmarkError) -> Value {
    riskd.stop()
    defer { end() }
    return try look(try Database(path: root.database, .reading))
  }

  package func end() {
    riskd.stop()
    venue.stop()
    root.remove()
  }

  /// The journal of the riskd that runs.
  package func journal() throws(BenchmarkError) -> JournalWatch {
    try JournalWatch(path: root.database)
  }
}
