"""The main job on real input: a small support desk and an agent that believes what it reads.

The desk (`desk`) is a real MCP server with its own data, and the agent (`agent`) a real MCP client
without a model. Neither knows Sallyport: they stand on both sides of the gateway, so that what the
gateway stopped can be read from the desk's own tables (`report`) and compared with what should
have happened (`story`).
"""
