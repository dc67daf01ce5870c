import CSystemd
import Checklist
import Glibc

/// What the service manager says of riskd.service, over the bus of the system.
enum ServiceUnit {
  private static let path = "/org/freedesktop/systemd1/unit/riskd_2eservice"

  /// Hidden where no systemd runs, and where its riskd runs from another folder.
  static func look(root: String) -> Sighting<UnitFacts> {
    guard access("/run/systemd/system", F_OK) == 0 else {
      return .hidden("systemd does not run here")
    }
    var bus: OpaquePointer?
    let code = sd_bus_open_system(&bus)
    guard code >= 0, let bus else { return .hidden("the bus: \(String(cString: strerror(-code)))") }
    defer { sd_bus_flush_close_unref(bus) }
    func text(_ interface: String, _ name: String) -> String? {
      var value: UnsafeMutablePointer<CChar>?
      guard
        sd_bus_get_property_string(
          bus, "org.freedesktop.systemd1", path, "org.freedesktop.systemd1.\(interface)", name, nil,
          &value) >= 0, let value
      else { return nil }
      defer { free(value) }
      return String(cString: value)
    }
    guard let active = text("Unit", "ActiveState"), let sub = text("Unit", "SubState"),
      let user = text("Service", "User"), let state = text("Unit", "UnitFileState"),
      let folder = text("Service", "WorkingDirectory")
    else { return .hidden("systemd does not say anything of riskd.service") }
    guard folder.isEmpty || real(folder) == real(root) else {
      return .hidden("the installed riskd.service runs in \(folder)")
    }
    var restarts: UInt32 = 0
    sd_bus_get_property_trivial(
      bus, "org.freedesktop.systemd1", path, "org.freedesktop.systemd1.Service", "NRestarts", nil,
      CChar(UInt8(ascii: "u")), &restarts)
    return .seen(
      UnitFacts(
        activeState: active, subState: sub, user: user, unitFileState: state,
        restarts: Int64(restarts)))
  }

  private static func real(_ path: String) -> String {
    guard let found = realpath(path, nil) else { return path }
    defer { free(found) }
    return String(cString: found)
  }
}
