// Chromium without a window, driven through its DevTools protocol over a pipe: no package is needed for that.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

// Only what a test asks for is loaded, and nothing is kept or looked up.
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--hide-scrollbars', '--remote-debugging-pipe'
]
const KEYS = {
  Enter: { code: 'Enter', windowsVirtualKeyCode: 13, text: '\r' },
  Escape: { windowsVirtualKeyCode: 27 },
  Tab: { windowsVirtualKeyCode: 9 },
  PageUp: { windowsVirtualKeyCode: 33 },
  PageDown: { windowsVirtualKeyCode: 34 },
  End: { windowsVirtualKeyCode: 35 },
  Home: { windowsVirtualKeyCode: 36 },
  ArrowLeft: { windowsVirtualKeyCode: 37 },
  ArrowUp: { windowsVirtualKeyCode: 38 },
  ArrowRight: { windowsVirtualKeyCode: 39 },
  ArrowDown: { windowsVirtualKeyCode: 40 }
}
const MODIFIERS = { Control: 2, Shift: 8 }

export class Browser {
  static async start () {
    const browser = new Browser()
    const { targetInfos } = await browser.send('Target.getTargets', {})
    const { targetId } = targetInfos.find(target => target.type === 'page') ??
      await browser.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await browser.send('Target.attachToTarget', { targetId, flatten: true })
    browser.session = sessionId
    await Promise.all(['Page', 'Runtime', 'Network', 'Log'].map(domain => browser.send(`${domain}.enable`)))
    return browser
  }

  constructor () {
    this.home = mkdtempSync(join(tmpdir(), 'browser-'))
    const command = process.env.CHROMIUM ?? 'chromium'
    this.process = spawn(command, [...FLAGS, `--user-data-dir=${this.home}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe']
    })
    this.waiting = new Map()
    this.listeners = []
    this.last = 0
    // What the page asked for, and what it complained about.
    this.requests = []
    this.complaints = []
    this.listen('Network.requestWillBeSent', ({ request }) => this.requests.push(request.url))
    this.listen('Runtime.exceptionThrown', ({ exceptionDetails: { text, exception } }) => this.complaints.push(exception?.description ?? text))
    this.listen('Log.entryAdded', ({ entry }) => this.complaints.push(entry.text))
    this.listen('Page.loadEventFired', () => this.loaded?.())
    const gone = error => this.waiting.forEach(({ reject }) => reject(error ?? new Error('the browser is gone')))
    this.process.on('error', gone)
    this.process.on('exit', () => gone())
    let text = ''
    this.process.stdio[4].setEncoding('utf8').on('data', part => {
      const messages = (text + part).split('\0')
      text = messages.pop()
      messages.forEach(message => this.receive(JSON.parse(message)))
    })
  }

  receive ({ id, method, params, result, error }) {
    if (id === undefined) {
      this.listeners.filter(listener => listener.method === method).forEach(listener => listener.run(params))
      return
    }
    const { resolve, reject } = this.waiting.get(id)
    this.waiting.delete(id)
    if (error) reject(new Error(error.message))
    else resolve(result)
  }

  listen (method, run) {
    this.listeners.push({ method, run })
  }

  send (method, params = {}) {
    this.last += 1
    const message = { id: this.last, method, params, sessionId: this.session }
    this.process.stdio[3].write(`${JSON.stringify(message)}\0`)
    return new Promise((resolve, reject) => this.waiting.set(this.last, { resolve, reject }))
  }

  // Opens a page anew and waits until it is there.
  async open (url) {
    await this.load('about:blank')
    this.requests.length = 0
    await this.load(url)
  }

  async load (url) {
    const loaded = new Promise(resolve => { this.loaded = resolve })
    await this.send('Page.navigate', { url })
    await loaded
  }

  // The value of an expression in the page.
  async value (expression) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text)
    return result.value
  }

  // A key as a keyboard sends it: `ArrowDown`, `Control+Home`.
  async press (keys) {
    const names = keys.split('+')
    const key = names.pop()
    const modifiers = names.reduce((sum, name) => sum + MODIFIERS[name], 0)
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', key, modifiers, ...KEYS[key] })
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', key, modifiers, ...KEYS[key], text: undefined })
  }

  async type (text) {
    await this.send('Input.insertText', { text })
  }

  // A click of the mouse in the middle of what a selector finds.
  async click (selector) {
    const place = await this.value(`(() => {
      const found = document.querySelector(${JSON.stringify(selector)})
      found.scrollIntoView({ block: 'center', inline: 'center' })
      const { x, y, width, height } = found.getBoundingClientRect()
      return { x: x + width / 2, y: y + height / 2 }
    })()`)
    for (const type of ['mousePressed', 'mouseReleased']) {
      await this.send('Input.dispatchMouseEvent', { type, ...place, button: 'left', clickCount: 1 })
    }
  }

  size (width, height) {
    return this.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false })
  }

  // `light` or `dark`, as the user prefers.
  colours (value) {
    return this.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value }] })
  }

  // What a screen reader is told: `{ role, name, ... }` of every node that is not left out.
  async accessible () {
    const { nodes } = await this.send('Accessibility.getFullAXTree')
    return nodes.filter(node => !node.ignored).map(({ role, name, properties = [] }) => ({
      role: role.value,
      name: name?.value ?? '',
      ...Object.fromEntries(properties.map(({ name, value }) => [name, value.value]))
    }))
  }

  async screenshot () {
    const { data } = await this.send('Page.captureScreenshot', { format: 'png' })
    return Buffer.from(data, 'base64')
  }

  async stop () {
    const gone = new Promise(resolve => this.process.once('exit', resolve))
    this.session = undefined
    this.send('Browser.close').catch(() => {})
    await gone
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 })
  }
}
