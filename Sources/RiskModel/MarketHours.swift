/// The weekly hours of the CME's electronic futures market in Chicago time: Sunday 17:00 to Friday
/// 16:00, with a halt from 16:00 to 17:00 each day. Holidays are not part of it.
///
/// It only tells whether silence of the market is remarkable; no rule opens or closes by it.
package enum MarketHours {
  package static func isOpen(at instant: Instant) -> Bool {
    let (date, time) = TimeZoneRule.chicago.localTime(of: instant)
    let halt = TimeOfDay(hour: 16, minute: 0)
    let resume = TimeOfDay(hour: 17, minute: 0)
    switch date.weekday {
    case 6: return false
    case 0: return time >= resume
    case 5: return time < halt
    default: return time < halt || time >= resume
    }
  }
}
