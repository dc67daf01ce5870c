import Testing

/// The lists of faults and of proofs name what exists, and all of it.
@Suite struct FaultListTests {
  private static let faults = 38

  private func rows(_ list: String) -> [[Substring]] {
    SourceTree.file(list).split(separator: "\n").filter { !$0.hasPrefix("#") }
      .map { $0.split(separator: "\t", omittingEmptySubsequences: false) }
  }

  @Test func `every fault is there, numbered one by one`() {
    let rows = rows("Tests/faults.tsv")
    #expect(rows.map { $0.first.flatMap { Int($0) } } == (1...Self.faults).map { $0 })
    #expect(rows.allSatisfy { $0.count == 4 && $0.allSatisfy { !$0.isEmpty } })
    #expect(Set(rows.map { $0[1] }).count == Self.faults)
  }

  @Test func `every fault names suites and sections that check something`() {
    let tests = SourceTree.files(below: "Tests", ".swift")
    let sections = SourceTree.files(below: "Tests/SystemTests", ".sh")
    for selector in Set(rows("Tests/faults.tsv").flatMap { $0[3].split(separator: " ") }) {
      let evidence =
        if selector.hasPrefix("system:"), let section = selector.split(separator: ":").last {
          sections.filter { $0.path.hasSuffix("-\(section).sh") }
            .map(\.text).contains { $0.contains(/\n *check/) }
        } else {
          shows(selector, among: tests)
        }
      #expect(evidence, "\(selector)")
    }
  }

  /// `TARGET/SUITE`: a file of that target that declares the suite and tests something.
  private func shows(_ selector: some StringProtocol, among tests: [SourceTree.File]) -> Bool {
    let parts = selector.split(separator: "/")
    guard parts.count == 2 else { return false }
    return tests.contains {
      $0.path.hasPrefix("Tests/\(parts[0])/") && $0.text.contains("struct \(parts[1]) {")
        && $0.text.contains("@Test")
    }
  }

  @Test func `parts of the proof name suites that test something`() {
    let tests = SourceTree.files(below: "Tests", ".swift")
    var names: [String] = []
    for match in SourceTree.file("scripts/prove").matches(of: /suites (\w+Tests)\/(\{?)([\w,]+)/) {
      names += match.3.split(separator: ",").map { "\(match.1)/\($0)" }
    }
    #expect(names.count >= 10)
    for name in names { #expect(shows(name, among: tests), "\(name)") }
  }

  @Test func `promises name faults that are in the list`() {
    let commands = SourceTree.file("README.md").matches(of: /`scripts\/faults ([0-9 ]+)`/)
    #expect(commands.count >= 8)
    for number in commands.flatMap({ $0.1.split(separator: " ") }) {
      #expect((1...Self.faults).contains(Int(number) ?? 0), "\(number)")
    }
  }

  @Test func `parts of the proof end within the time that is stated`() {
    let rows = rows("Tests/proof.tsv")
    #expect(rows.allSatisfy { $0.count == 3 && $0.allSatisfy { !$0.isEmpty } })
    let minutes = rows.compactMap { Int($0[1]) }.reduce(0, +)
    let script = SourceTree.file("scripts/prove")
    #expect(script.contains("all of them within \(minutes) minutes"))
    #expect(SourceTree.file("README.md").contains("at most \(minutes) minutes"))
    for row in rows { #expect(script.contains("\n    \(row[0]))"), "\(row[0])") }
  }
}
