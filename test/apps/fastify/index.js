const fastify = require('fastify')({ logger: true })

fastify.get('/', async function handler (request, reply) {
  return { hello: 'world' }
})

const start = async () => {
  try {
    await fastify.listen({ port: process.env.PORT || 3000 })
  } catch (err) {
    fastify.log.error(err)
    process.exit(1)
  }
}
start()
