// A page with <input type="file">, <progress> and <output>: <script type="module" src="browser.js"></script>
// >>> browser
import { createUploader } from '../ossproxy-upload.js'

const uploader = createUploader({
  baseUrl: 'https://upload.example.com',
  token: () => localStorage.getItem('token'),
})
const [picker, bar, output] = ['input', 'progress', 'output'].map(name => document.querySelector(name))

picker.addEventListener('change', async () => {
  try {
    const record = await uploader.upload(picker.files[0], { onProgress: done => { bar.value = done } })
    output.textContent = record.url
  } catch (error) {
    output.textContent = error.message
  }
})
// <<< browser
