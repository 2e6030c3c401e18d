/** Activities as they were for Temporal; they stay what they are. */
export interface Seat {
  event: string
  seat: string
}

export async function reserveSeat({ event, seat }: Seat): Promise<void> {
  const response = await fetch(`https://seats.example/${event}/${seat}`, { method: 'PUT' })
  if (response.status === 409) throw new SeatTaken(`${seat} is taken`)
  if (!response.ok) throw new Error(`seats.example answered ${response.status}`)
}

export async function releaseSeat({ event, seat }: Seat): Promise<void> {
  const response = await fetch(`https://seats.example/${event}/${seat}`, { method: 'DELETE' })
  if (!response.ok) throw new Error(`seats.example answered ${response.status}`)
}

export async function issueTicket({ event, seat }: Seat): Promise<string> {
  const response = await fetch(`https://tickets.example/${event}/${seat}`, { method: 'POST' })
  if (!response.ok) throw new Error(`tickets.example answered ${response.status}`)
  return await response.text()
}

class SeatTaken extends Error {
  override readonly name = 'SeatTaken'
}
