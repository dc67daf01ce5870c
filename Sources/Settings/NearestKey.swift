/// Finds the key that somebody meant.
enum NearestKey {
  /// The closest of the candidates, or `nil` when none is close.
  ///
  /// Case, underscores and hyphens do not count, so that `base_url` finds `baseUrl`; beyond that a
  /// third of the letters may differ. Of two equally close ones the first counts.
  static func of(_ key: String, among candidates: [String]) -> String? {
    let wanted = plain(key)
    let allowed = max(1, wanted.count / 3)
    var best: (key: String, distance: Int)?
    for candidate in candidates {
      let distance = editDistance(wanted, plain(candidate))
      if distance <= allowed, distance < best?.distance ?? .max {
        best = (candidate, distance)
      }
    }
    return best?.key
  }

  /// Whether a key ends like that, by the same measure.
  static func ends(_ key: String, with ending: String) -> Bool {
    plain(key).reversed().starts(with: plain(ending).reversed())
  }

  private static func plain(_ key: String) -> [Unicode.Scalar] {
    key.lowercased().unicodeScalars.filter { $0 != "_" && $0 != "-" }
  }

  /// Insertions, deletions, replacements and swaps of neighbours, each counted as one.
  static func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var beforePrevious: [Int] = []
    var previous = Array(0...b.count)
    for i in 1...a.count {
      var row = [i]
      for j in 1...b.count {
        let replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
        var least = min(previous[j] + 1, row[j - 1] + 1, replaced)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          least = min(least, beforePrevious[j - 2] + 1)
        }
        row.append(least)
      }
      beforePrevious = previous
      previous = row
    }
    return previous[b.count]
  }
}
