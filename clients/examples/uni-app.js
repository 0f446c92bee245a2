// In a page of uni-app, whatever it is built for.
// >>> uni-app
import { createUploader } from '../ossproxy-upload.js'

const uploader = createUploader({
  baseUrl: 'https://upload.example.com',
  token: () => uni.getStorageSync('token'),
})

export function pickAndUpload() {
  uni.chooseImage({
    count: 1,
    async success({ tempFiles }) {
      try {
        const record = await uploader.upload(tempFiles[0], { onProgress: done => uni.showLoading({ title: Math.floor(done * 100) + '%' }) })
        uni.previewImage({ urls: [record.url] })
      } catch (error) {
        uni.showToast({ title: error.message, icon: 'none' })
      } finally {
        uni.hideLoading()
      }
    },
  })
}
// <<< uni-app
