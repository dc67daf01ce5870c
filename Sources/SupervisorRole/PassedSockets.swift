import CSystemd
import Glibc
package import ProcessControl

/// The listening sockets that the service manager passed to this process (`LISTEN_FDS`), by the name
/// that their unit gives them.
package struct PassedSockets {
  /// `FileDescriptorName=` of the control socket.
  package static let controlName = "control"

  /// `FileDescriptorName=` of the traders' socket.
  package static let traderName = "trader"

  /// The control socket; `nil` where the supervisor makes its own.
  package var control: Descriptor?
  /// The traders' socket, which the monitor serves; `nil` where the supervisor makes its own.
  package var trader: Descriptor?
  /// Everything else. Kept open, so that who connects waits instead of being refused, and never
  /// handed to a worker.
  package var others: [(name: String, socket: Descriptor)]

  package init(
    control: Descriptor? = nil, trader: Descriptor? = nil,
    others: [(name: String, socket: Descriptor)] = []
  ) {
    self.control = control
    self.trader = trader
    self.others = others
  }

  /// Takes over what was passed, once. Without a service manager there is nothing.
  package static func take() -> PassedSockets {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    // The variables go too: what they name is taken.
    let count = sd_listen_fds_with_names(1, &names)
    defer { release(names) }
    var passed = PassedSockets()
    for index in 0..<max(0, count) {
      let number = Int32(SD_LISTEN_FDS_START) + index
      let name = names?[Int(index)].map { String(cString: $0) } ?? "unknown"
      let socket = Descriptor(owning: number)
      let isListening = sd_is_socket_unix(number, Int32(SOCK_STREAM.rawValue), 1, nil, 0) > 0
      if name == controlName, isListening, passed.control == nil {
        passed.control = socket
      } else if name == traderName, isListening, passed.trader == nil {
        passed.trader = socket
      } else {
        passed.others.append((name: name, socket: socket))
      }
    }
    return passed
  }

  private static func release(_ names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) {
    guard let names else { return }
    var next = names
    while let name = next.pointee {
      free(name)
      next += 1
    }
    free(names)
  }
}
