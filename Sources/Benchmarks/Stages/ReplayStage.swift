import RiskModel

/// How fast a journal is replayed. A tenth of its inputs are events of the venue, the rest marks.
package struct ReplayStage {
  private static let marksPerEvent = 9

  package var extent: Extent

  package init(extent: Extent) {
    self.extent = extent
  }

  package func run() throws(BenchmarkError) -> StageOutcome {
    let folder = try SystemFile.temporaryFolder("riskbench-replay")
    defer { SystemFile.removeFolder(folder) }
    let memory = try ReplayRate.inMemory(
      inputs: extent.replayInputs, marksPerEvent: Self.marksPerEvent)
    let memoryEvents = try ReplayRate.inMemory(
      inputs: extent.replayInputs / 4, marksPerEvent: 0)
    let store = try ReplayRate.throughStore(
      inputs: extent.replayInputs, marksPerEvent: Self.marksPerEvent, path: folder + "/replay.db")
    let storeEvents = try ReplayRate.throughStore(
      inputs: extent.replayInputs / 4, marksPerEvent: 0, path: folder + "/events.db")
    var outcome = StageOutcome()
    outcome.figures = [
      Figure(.replayInMemory, value: memory.perSecond, detail: detail(memory, memoryEvents)),
      Figure(.replay, value: store.perSecond, detail: detail(store, storeEvents)),
    ]
    return outcome
  }

  private func detail(_ mixed: ReplayRate.Result, _ events: ReplayRate.Result) -> String {
    "\(mixed.inputs) inputs, nine of ten are marks; "
      + "events alone: \(ReportText.text(events.perSecond, .perSecond))"
  }
}
