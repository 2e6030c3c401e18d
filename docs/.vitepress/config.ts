/** The site: README.md and docs/, as they are in the repository. `npm run docs:site` builds it into docs/.vitepress/dist. */
import { slug } from 'github-slugger'
import { defineConfig } from 'vitepress'
import llmstxt from 'vitepress-plugin-llms'
import { linksOfRepository } from './links.ts'
import { checkLlms } from './llms.ts'
import { sidebar } from './sidebar.ts'

export default defineConfig({
  title: 'perdure',
  description: 'Durable workflows that live inside your own Cloudflare account',
  srcDir: '..',
  srcExclude: ['bench/peers/**'],
  additionalConfig: {}, // files named config.ts are the engine's here
  ignoreDeadLinks: 'localhostLinks',
  rewrites: { 'README.md': 'index.md' },
  markdown: {
    anchor: { slugify: slug }, // as GitHub makes them: a link is good in both places
    config: (md) => void md.use(linksOfRepository),
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Tutorial', link: '/docs/tutorial' },
      { text: 'Documentation', link: '/docs/' },
      { text: 'Examples', link: '/examples/README' },
    ],
    sidebar: sidebar(),
  },
  vite: { plugins: [llmstxt()] },
  buildEnd: checkLlms,
})
