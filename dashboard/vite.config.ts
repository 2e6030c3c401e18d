import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    target: 'es2024',
    emptyOutDir: true,
    manifest: true, // says what a page loads
    license: { fileName: 'licenses.md' }, // of all that is in the bundle, which is shipped
    assetsInlineLimit: 0, // the policy of `_headers` lets nothing in by a data URL but pictures
  },
  server: { proxy: { '/api': 'http://localhost:8787' } },
})
