import RiskModel
import Testing

@testable import TradingDayDemo

@Suite struct StoryLineTests {
  private let plain = StoryStyle(
    beginning: Sample.moment(milliseconds: 1_000), hasColours: false)

  @Test func `a line has its time, its speaker and its text`() {
    let line = StoryLine(
      Sample.moment(milliseconds: 13_390), .trader, "buys 3 MNQ at 21000.00")
    #expect(plain.text(line) == "[ 12.3 s] TRADER  buys 3 MNQ at 21000.00\n")
  }

  @Test func `a time before the beginning is the beginning`() {
    let line = StoryLine(Sample.moment(milliseconds: 0), .rule, "fires")
    #expect(plain.text(line) == "[  0.0 s] RULE    fires\n")
  }

  @Test func `long texts go on below, within 100 columns`() {
    let words = Array(repeating: "word", count: 40).joined(separator: " ")
    let text = plain.text(StoryLine(Sample.moment(milliseconds: 101_000), .proof, words))
    let rows = text.split(separator: "\n")
    #expect(rows.count == 3)
    #expect(rows[0].hasPrefix("[100.0 s] PROOF   word word"))
    #expect(rows[1].hasPrefix(String(repeating: " ", count: 18) + "word"))
    #expect(rows.allSatisfy { $0.count <= StoryStyle.width })
    #expect(text.hasSuffix("\n"))
  }

  @Test func `only ASCII leaves`() {
    let text = plain.text(StoryLine(Sample.moment(milliseconds: 0), .venue, "caf\u{E9}\nbar"))
    #expect(text == "[  0.0 s] VENUE   caf??bar\n")
    #expect(text.allSatisfy { $0.isASCII })
  }

  @Test func `a heading fills the line`() {
    let text = plain.text(
      StoryLine(Sample.moment(milliseconds: 0), .heading("1. One too many")))
    #expect(text.hasPrefix("\n-- 1. One too many ----"))
    #expect(text.split(separator: "\n")[0].count == StoryStyle.width)
  }

  @Test func `a remark stands below the texts`() {
    let text = plain.text(StoryLine(Sample.moment(milliseconds: 0), .remark("So it goes.")))
    #expect(text == String(repeating: " ", count: 18) + "So it goes.\n")
  }

  @Test(arguments: StoryLine.Speaker.allCases)
  func `colours are for the speaker alone`(speaker: StoryLine.Speaker) {
    let style = StoryStyle(beginning: plain.beginning, hasColours: true)
    let line = StoryLine(plain.beginning, speaker, "text")
    let text = style.text(line)
    #expect(text.contains("\u{1B}["))
    #expect(text.hasSuffix("\u{1B}[0mtext\n"))
    let stripped = text.replacing(/\x1B\[[0-9;]*m/, with: "")
    #expect(stripped == plain.text(line))
  }
}

@Suite struct TimelineTests {
  private func line(_ milliseconds: Int64, _ text: String, place: Int64? = nil) -> StoryLine {
    StoryLine(
      Sample.moment(milliseconds: milliseconds), .venue, text,
      place: place.map { Sample.moment(milliseconds: $0) })
  }

  private func text(_ line: StoryLine) -> String {
    if case .said(_, let text) = line.content { text } else { "" }
  }

  @Test func `lines leave in the order of their places, after a moment`() {
    var timeline = Timeline()
    timeline.add(line(100, "request", place: 110))
    timeline.add(line(90, "fill"))
    timeline.add(line(104, "rule"))
    timeline.add(line(104, "decision"))
    #expect(timeline.take(at: Sample.moment(milliseconds: 120)).isEmpty)
    #expect(timeline.take(at: Sample.moment(milliseconds: 151)).map(text) == ["fill"])
    #expect(
      timeline.take(at: Sample.moment(milliseconds: 300)).map(text)
        == ["rule", "decision", "request"])
    #expect(timeline.takeAll().isEmpty)
  }

  @Test func `nothing is lost at the end`() {
    var timeline = Timeline()
    timeline.add(line(2, "second"))
    timeline.add(line(1, "first"))
    #expect(timeline.takeAll().map(text) == ["first", "second"])
    #expect(timeline.takeAll().isEmpty)
  }
}
