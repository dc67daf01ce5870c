import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

extension HubTransportError {
  init(whileConnecting error: any Error) {
    switch error {
    case let error as HubTransportError: self = error
    case ChannelError.connectTimeout: self = .connectTimedOut
    case NIOSSLError.uncleanShutdown: self = .endOfStream
    case let error as NIOConnectionError:
      if error.connectionErrors.isEmpty {
        self = .nameNotResolved(host: error.host)
      } else {
        self = .connectFailed(error.connectionErrors.map { "\($0.error)" }.joined(separator: ", "))
      }
    case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: self = .tlsFailed("\(error)")
    case is HTTPParserError, is NIOHTTPClientUpgradeError: self = .upgradeInvalid("\(error)")
    default: self = .connectFailed("\(error)")
    }
  }

  init(whileOpen error: any Error) {
    switch error {
    case let error as HubTransportError: self = error
    case NIOSSLError.uncleanShutdown: self = .endOfStream
    default: self = .connectionFailed("\(error)")
    }
  }
}
