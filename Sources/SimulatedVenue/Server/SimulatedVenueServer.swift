import NIOCore
import NIOPosix
import NIOSSL
import RiskModel
import Synchronization

/// A running simulated venue: the gateway's REST interface and hubs on one port of the loopback
/// interface, the admin interface on another, all on one event loop of its own.
///
/// Every method may be called from any thread; it runs on the loop and waits for it. After `stop()`
/// only `stop()` may be called.
package final class SimulatedVenueServer: Sendable {
  package let port: Int
  package let adminPort: Int
  package let configuration: SimulatedVenueConfiguration

  private let group: MultiThreadedEventLoopGroup
  private let loop: any EventLoop
  private let floor: NIOLoopBound<VenueFloor>
  private let listeners: [Listener]
  private let isStopped = Mutex(false)

  /// Starts a venue and returns when it listens.
  ///
  /// Errors: an address that is not loopback, a port that is taken, a certificate that cannot be
  /// used.
  package static func start(
    _ configuration: SimulatedVenueConfiguration = SimulatedVenueConfiguration()
  ) throws(SimulatedVenueError) -> SimulatedVenueServer {
    _ = try loopbackAddress(configuration.address, port: configuration.port)
    let tls = try configuration.tls.map(serverContext)
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    do throws(SimulatedVenueError) {
      return try SimulatedVenueServer(configuration, tls, group)
    } catch {
      group.shutdownGracefully { _ in }
      throw error
    }
  }

  private init(
    _ configuration: SimulatedVenueConfiguration, _ tls: NIOSSLContext?,
    _ group: MultiThreadedEventLoopGroup
  ) throws(SimulatedVenueError) {
    self.configuration = configuration
    self.group = group
    let loop = group.next()
    self.loop = loop
    let (floor, gateway, admin) = onLoop(loop) {
      let floor = VenueFloor(configuration, loop: loop)
      let gateway: any RequestDesk = GatewayDesk(floor: floor)
      let admin: any RequestDesk = AdminDesk(floor: floor)
      return (
        NIOLoopBound(floor, eventLoop: loop), NIOLoopBound(gateway, eventLoop: loop),
        NIOLoopBound(admin, eventLoop: loop)
      )
    }
    self.floor = floor
    let venue = try Listener.start(
      at: configuration.address, port: configuration.port, floor: floor, desk: gateway,
      opensHubs: true, tls: tls, on: group)
    let adminListener: Listener
    do throws(SimulatedVenueError) {
      adminListener = try Listener.start(
        at: configuration.address, port: configuration.adminPort, floor: floor, desk: admin,
        opensHubs: false, tls: nil, on: group)
    } catch {
      venue.channel.close(promise: nil)
      throw error
    }
    listeners = [venue, adminListener]
    port = venue.port
    adminPort = adminListener.port
  }

  deinit {
    stop()
  }

  /// Ends all connections and gives the ports back. May be called more than once.
  package func stop() {
    let wasStopped = isStopped.withLock { isStopped in
      defer { isStopped = true }
      return isStopped
    }
    guard !wasStopped else { return }
    onLoop(loop) { [floor] in floor.value.stop() }
    for listener in listeners { listener.channel.close(promise: nil) }
    try? group.syncShutdownGracefully()
  }

  /// Runs `body` with everything the venue is.
  func onFloor<Value: Sendable>(_ body: @escaping @Sendable (VenueFloor) -> Value) -> Value {
    precondition(
      !isStopped.withLock { $0 }, "Condition failed: the simulated venue has been stopped")
    return onLoop(loop) { [floor] in body(floor.value) }
  }

  /// Runs `body` with the exchange at the present time, sends out what came of it, and waits.
  @discardableResult
  package func perform<Value: Sendable, Failure: Error>(
    _ body: @escaping @Sendable (inout SimulatedExchange) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let result = onFloor { floor -> Result<Value, Failure> in
      floor.perform { exchange in
        Result { () throws(Failure) in try body(&exchange) }
      }
    }
    return try result.get()
  }

  /// The scheme, address and port of the REST interface and of the hubs.
  package var baseURL: String {
    "\(configuration.tls == nil ? "http" : "https")://\(hostAndPort(port))"
  }

  package var userHubURL: String { baseURL + VenueHub.user.path }
  package var marketHubURL: String { baseURL + VenueHub.market.path }
  package var adminURL: String { "http://\(hostAndPort(adminPort))" }

  private func hostAndPort(_ port: Int) -> String {
    let address = configuration.address
    return address.contains(":") ? "[\(address)]:\(port)" : "\(address):\(port)"
  }
}

/// Runs `body` on the loop, at once when this is the loop's thread.
private func onLoop<Value: Sendable>(
  _ loop: any EventLoop, _ body: @escaping @Sendable () -> Value
) -> Value {
  if loop.inEventLoop { return body() }
  do {
    return try loop.submit(body).wait()
  } catch {
    preconditionFailure("Invariant: the loop runs until the venue is stopped: \(error)")
  }
}

private func serverContext(_ tls: VenueTLS) throws(SimulatedVenueError) -> NIOSSLContext {
  do {
    let chain = try NIOSSLCertificate.fromPEMFile(tls.certificateFile)
    let key = try NIOSSLPrivateKey(file: tls.privateKeyFile, format: .pem)
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
    // An old version is offered only when a test asks for it.
    switch tls.newestVersion {
    case .tls1_1:
      configuration.minimumTLSVersion = .tlsv1
      configuration.maximumTLSVersion = .tlsv11
    case .tls1_2:
      configuration.maximumTLSVersion = .tlsv12
    case .tls1_3:
      configuration.maximumTLSVersion = .tlsv13
    }
    return try NIOSSLContext(configuration: configuration)
  } catch {
    throw .unusableCertificate(path: tls.certificateFile, reason: "\(error)")
  }
}
