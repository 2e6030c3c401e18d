import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { preload } from './pages.tsx'
import './tokens.css'
import './base.css'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no #root')
const page = createRoot(root)
void preload(location.pathname).finally(() => page.render(<App />))
