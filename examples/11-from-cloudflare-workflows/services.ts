/** What both workflows call. */
export interface Customer {
  id: string
}

export async function fetchUsage(customerId: string): Promise<{ cents: number }> {
  const response = await fetch(`https://usage.example/${customerId}`)
  if (!response.ok) throw new Error(`usage.example answered ${response.status}`)
  return response.json<{ cents: number }>()
}

export async function sendInvoice(customerId: string, cents: number): Promise<void> {
  const body = JSON.stringify({ customerId, cents })
  const response = await fetch('https://invoices.example/', { method: 'POST', body })
  if (!response.ok) throw new Error(`invoices.example answered ${response.status}`)
}
