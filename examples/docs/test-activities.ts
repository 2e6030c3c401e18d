/** The other activities of the order, as small as activities can be. */
import { defineActivity } from '../../shared/index.ts'

export const cancelReservation = defineActivity('cancelReservation', async (_reservationId: string) => {})

export const shipOrder = defineActivity('shipOrder', async (order: { orderId: string; address: string }) => ({
  tracking: `track-${order.orderId}`,
}))
