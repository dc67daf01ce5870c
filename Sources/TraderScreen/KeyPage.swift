/// Every key that the screen understands.
struct KeyPage {
  /// As they are typed, and what they do.
  static let keys = [
    ("1 to 8", "the tabs, as they are named above"),
    ("arrows up, down", "scroll by a line; K and J as well"),
    ("page up, down", "scroll by a screen; space goes down"),
    ("arrows right, left", "the next and the former account; Tab goes on as well"),
    ("I, O", "clock in, clock out: your time sheet; no rule reads it"),
    ("Ctrl-L", "draw the screen anew"),
    ("Ctrl-Z", "stop risktop; fg goes on with it"),
    ("?", "these keys, and back"),
    ("Q", "leave; Ctrl-C and Ctrl-D as well"),
  ]

  let screen: TraderScreen

  var lines: [ScreenLine] {
    [screen.title("Keys")] + Self.keys.map { screen.entry($0.0, $0.1) }
  }
}
