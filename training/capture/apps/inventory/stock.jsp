<%@ page contentType="application/json"
    import="java.sql.*, java.util.logging.*, javax.naming.*, javax.sql.*" %><%
    // Looks a product up in PostgreSQL through the pool that the container manages.
    Logger log = Logger.getLogger("inventory.stock");
    String raw = request.getParameter("product");
    int product = Integer.parseInt(raw);
    DataSource pool = (DataSource) new InitialContext().lookup("java:comp/env/jdbc/shop");
    long started = System.nanoTime();
    try (Connection connection = pool.getConnection();
         PreparedStatement query = connection.prepareStatement(
             "select stock, name from product where id = ?")) {
        query.setInt(1, product);
        try (ResultSet rows = query.executeQuery()) {
            long micros = (System.nanoTime() - started) / 1000;
            if (!rows.next()) {
                log.warning("no stock record for product " + product);
                response.sendError(404, "no such product");
                return;
            }
            log.fine("stock of product " + product + " read in " + micros + " us");
            if (micros > 400000) log.warning("slow stock query: " + micros + " us");
            if (product % 40 == 0) log.info("product " + product + " flagged for recount");
            out.print("{\"stock\": " + rows.getInt(1) + "}");
        }
    } catch (SQLException error) {
        log.log(Level.SEVERE, "cannot read stock of product " + product, error);
        response.sendError(503, "stock unknown");
    }
%>
