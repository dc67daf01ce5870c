/// The menus of `riskctl admin`: what can be chosen, and by which key.
///
/// No menu ends a lockout or shortens one; that is not the console's business.
package enum AdminMenu: CaseIterable, Sendable {
  case main
  case accounts
  case rules
  case service

  package struct Item: Equatable, Sendable {
    package var key: String
    package var label: String
  }

  /// In the order in which they are shown; the last one leaves the menu.
  package var items: [Item] {
    let pairs: [(String, String)] =
      switch self {
      case .main:
        [
          ("1", "Configure authentication"), ("2", "Manage accounts"),
          ("3", "Configure risk rules"), ("4", "Service control"), ("5", "Test connection"),
          ("6", "Daemon status"), ("0", "Exit"),
        ]
      case .accounts:
        [("A", "add"), ("E", "edit"), ("D", "delete"), ("0", "back")]
      case .rules:
        [("E", "edit"), ("T", "toggle"), ("R", "reset to defaults"), ("0", "back")]
      case .service:
        [
          ("1", "start"), ("2", "stop"), ("3", "restart"), ("4", "logs"), ("5", "install"),
          ("6", "uninstall"), ("0", "back"),
        ]
      }
    return pairs.map { Item(key: $0, label: $1) }
  }

  /// As it stands on the screen, without the question.
  package var text: String {
    switch self {
    case .main: items.map { "  \($0.key)  \($0.label)\n" }.joined()
    case .accounts, .rules, .service:
      TableText.line(items.map { "\($0.key) \($0.label)" }.joined(separator: "   "))
    }
  }

  /// The item that was meant; case and blanks do not count.
  package func choice(_ typed: String) -> Item? {
    let word = typed.trimmed.uppercased()
    return items.first { $0.key == word }
  }
}
